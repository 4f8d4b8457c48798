import type { LibsvmParserOptions } from '../../../src/formats/libsvm/libsvmParser.js';
import { arrayText, sparseText } from './columnText.js';

const FLOAT = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)$/i;

function requireThat(condition: boolean): asserts condition {
  if (!condition) throw new RangeError('the line is bad');
}

function numberOf(text: string): number {
  requireThat(FLOAT.test(text));
  const unsigned = text.replace(/^[+-]/, '').toLowerCase();
  if (unsigned === 'nan') return NaN;
  const value = unsigned.startsWith('inf') ? Infinity : Number(unsigned);
  return text.startsWith('-') ? -value : value;
}

function integerOf(text: string): bigint {
  requireThat(/^[+-]?\d+$/.test(text));
  const value = BigInt(text.replace('+', ''));
  requireThat(BigInt.asIntN(64, value) === value);
  return value;
}

/**
 * Reads lines with one character for each byte, like `load_svmlight_file`. Returns the label, the features and the
 * query ids as texts of `columnText`, or `undefined` if no line has a label.
 *
 * @throws RangeError if a line is bad.
 */
export function readLibsvm(lines: readonly string[], options: LibsvmParserOptions): string[] | undefined {
  const { features, zeroBased, dtype, queryId } = options;
  const rows = lines
    .map((line) => line.replace(/^\u00ef\u00bb\u00bf/, '').replace(/#[^]*/, ''))
    .map((line) => line.split(/[ \t\n\v\f\r]+/).filter((token) => token !== ''))
    .filter((tokens) => tokens.length > 0);
  if (rows.length === 0) return undefined;
  const ids: bigint[] = [];
  const pairs = rows.flatMap(([, ...tokens], row) => {
    const isQuery = tokens[0]?.startsWith('qid:') === true;
    requireThat(isQuery || !queryId);
    if (isQuery) ids.push(integerOf(tokens[0]!.slice(4)));
    return tokens.slice(isQuery ? 1 : 0).map((token) => {
      const [, index, value] = /^(\d+):([^]*)$/.exec(token) ?? [];
      requireThat(index !== undefined && value !== undefined);
      return { row, index: BigInt(index), value: numberOf(value) };
    });
  });
  for (const [at, { row, index }] of pairs.slice(1).entries()) {
    requireThat(pairs[at]!.row !== row || pairs[at]!.index < index);
  }
  const first = zeroBased === true || (zeroBased === 'auto' && pairs.some(({ index }) => index === 0n)) ? 0n : 1n;
  const places = pairs.map(({ row, index }) => [BigInt(row), index - first]);
  requireThat(places.every(([, column]) => column! >= 0n && column! < features));
  const bytesOf = (values: readonly number[]): Uint8Array[] => {
    const typed = dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
    return [new Uint8Array(typed.buffer)];
  };
  const values = arrayText(dtype, [pairs.length], bytesOf(pairs.map(({ value }) => value)));
  return [
    arrayText(dtype, [rows.length], bytesOf(rows.map(([label]) => numberOf(label!)))),
    sparseText(places, 2, values, [rows.length, features]),
    ...(queryId ? [arrayText('int64', [rows.length], [new Uint8Array(BigInt64Array.from(ids).buffer)])] : []),
  ];
}
