import { createCsvParser, type CsvColumn } from '../../src/formats/csv/csvParser.js';
import { columnText } from '../formats/reference/columnText.js';
import type { Draw } from '../support/poisonedChunks.js';
import { FAILURE, type Kind } from './trial.js';

const INPUTS = 16;

const COLUMNS: readonly Exclude<CsvColumn, string>[] = [
  { dtype: 'int32' },
  { dtype: 'int64' },
  { dtype: 'float32' },
  { dtype: 'float64' },
  { dtype: 'string' },
  { dtype: 'int32', default: -3 },
  { dtype: 'int64', default: 7 },
  { dtype: 'float32', default: 1.5 },
  { dtype: 'float64', default: -0.25 },
  { dtype: 'string', default: 'none' },
];
const DELIMITERS = [',', ',', ';', '\t', ' '];
const PIECES = ['"', '""', '\r', '\n', ' ', '\t', 'a', '1', '-2', 'NA', 'inf', '-nan', '0x1F', '1_0', '\u00e9', '\0'];

const oneOf = <T>(values: readonly T[], draw: Draw): T => values[draw(values.length)]!;
const digits = (draw: Draw): string => Array.from({ length: draw(draw(4) === 0 ? 24 : 5) }, () => draw(10)).join('');

function drawNumber(draw: Draw): string {
  if (draw(6) === 0) return drawHalfway(draw);
  const blank = (): string => (draw(8) === 0 ? oneOf([' ', '\t', '  '], draw) : '');
  const exponent = draw(3) === 0 ? `${oneOf(['e', 'E'], draw)}${oneOf(['', '-', '+'], draw)}${draw(60)}` : '';
  const fraction = draw(2) === 0 ? `.${digits(draw)}` : '';
  return `${blank()}${oneOf(['', '', '-', '+'], draw)}${digits(draw)}${fraction}${exponent}${blank()}`;
}

/** Draws a number halfway between two float32 numbers, or next to the midpoint. Rounding twice would be wrong there. */
function drawHalfway(draw: Draw): string {
  const bits = draw(0x7f80_0000);
  const [low = 0, high = 0] = new Float32Array(Uint32Array.of(bits, bits + 1).buffer);
  const middle = high === Infinity ? low + (low - 2 ** 127) / 2 ** 24 : (low + high) / 2;
  const exact = middle.toPrecision(100);
  return `${draw(2) === 0 ? '-' : ''}${oneOf([String(middle), exact, exact.replace(/(?=e|$)/, '1')], draw)}`;
}

function drawText(draw: Draw): string {
  return Array.from({ length: draw(5) }, () => oneOf(PIECES, draw)).join('');
}

/** Draws a field for a column. Most fields are valid. */
function drawField(column: { readonly dtype: string; readonly default?: unknown }, draw: Draw): string {
  const { dtype, default: standIn } = column;
  if (draw(standIn === undefined ? 40 : 8) === 0) return '';
  if (dtype === 'string' || draw(30) === 0) return quoted(drawText(draw), draw(3) === 0);
  const isPlain = dtype.startsWith('int') && draw(20) > 0;
  return quoted(isPlain ? `${draw(2000) - 1000}` : drawNumber(draw), draw(6) === 0);
}

/** Quotes a field if necessary, or at random. */
const quoted = (text: string, isQuoted: boolean): string =>
  isQuoted || /[",;\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

function drawLine(columns: readonly { readonly dtype: string }[], delimiter: string, draw: Draw): Uint8Array {
  const fields = columns.map((column) => drawField(column, draw));
  if (draw(30) === 0) fields.splice(draw(fields.length + 1), draw(2), drawText(draw));
  return new Uint8Array(Buffer.from(fields.join(delimiter), draw(10) === 0 ? 'latin1' : 'utf8'));
}

function drawSelection(lineColumns: number, draw: Draw): number[] {
  const selected = Array.from({ length: lineColumns }, (_, index) => index).filter(() => draw(2) === 0);
  return selected.length > 0 ? selected : [draw(lineColumns)];
}

/** `tf.io.decode_csv`. */
export const csvKind: Kind = {
  draw: (draw) => {
    const lineColumns = Array.from({ length: 1 + draw(4) }, () => oneOf(COLUMNS, draw));
    const selectCols = draw(4) === 0 ? drawSelection(lineColumns.length, draw) : undefined;
    const columns = selectCols ? selectCols.map((index) => lineColumns[index]!) : lineColumns;
    const fieldDelim = oneOf(DELIMITERS, draw);
    const rules = { fieldDelim, useQuoteDelim: draw(4) > 0, naValue: oneOf(['', 'NA'], draw) };
    const options = selectCols ? { ...rules, selectCols } : rules;
    const parser = createCsvParser(columns, options);
    return {
      question: { op: 'decodeCsv', columns, ...options },
      inputs: Array.from({ length: INPUTS }, () =>
        Array.from({ length: draw(6) === 0 ? 2 : 1 }, () => drawLine(lineColumns, fieldDelim, draw)),
      ),
      read: (lines) => parser.parseBatch(lines).map(columnText).join('\n'),
    };
  },
  nameDifference: ({ input, ours, theirs }) => {
    if (ours === FAILURE && input.some((line) => C_NUMBER.test(Buffer.from(line).toString('latin1')))) {
      return "C's numbers, such as 0x1F: errors here";
    }
    return withoutSigns(theirs) === ours ? 'the sign of -nan, which JavaScript drops' : undefined;
  },
};

/** Numbers that C's `strtod` reads and that are not decimal. */
const C_NUMBER = /0x[0-9a-f.]|nan\(/i;

/** Makes every NaN of an answer positive. */
function withoutSigns(text: string): string {
  return text
    .replace(/^(float64.*) ((?:.{16})*)$/gm, replaceIn(/.{16}/g, '000000000000f8ff', '000000000000f87f'))
    .replace(/^(float32.*) ((?:.{8})*)$/gm, replaceIn(/.{8}/g, '0000c0ff', '0000c07f'));
}

const replaceIn =
  (elements: RegExp, from: string, to: string) =>
  (_: string, array: string, content: string): string =>
    `${array} ${content.replace(elements, (element) => (element === from ? to : element))}`;
