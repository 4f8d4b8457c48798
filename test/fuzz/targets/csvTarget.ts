import assert from 'node:assert/strict';
import { FormatError } from '../../../src/base/errors.js';
import { createCsvParser, type CsvColumns, type CsvLine } from '../../../src/formats/csv/csvParser.js';
import { columnText, arrayText } from '../../formats/reference/columnText.js';
import { splitLine, valueBytes } from '../../formats/reference/readCsvLine.js';
import { fixtureJson } from '../../formats/support/fixtures.js';
import { poisonedChunk, type Draw } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { replaced } from '../mutations.js';

const COLUMNS: readonly CsvColumns[] = [
  ['string'],
  ['string', 'string'],
  ['int32', { dtype: 'float32', default: 1.5 }],
  [{ dtype: 'int64', default: 7 }, { dtype: 'string', default: 'none' }, 'float64'],
];
const RULES = [
  { fieldDelim: ',', useQuoteDelim: true, naValue: '' },
  { fieldDelim: ';', useQuoteDelim: true, naValue: 'NA' },
  { fieldDelim: ',', useQuoteDelim: false, naValue: 'NA' },
] as const;
const PARSERS = COLUMNS.flatMap((columns) =>
  RULES.map((rules) => ({ columns, rules, parser: createCsvParser(columns, rules) })),
);

const PIECES = [
  ',',
  ',',
  ';',
  '"',
  '""',
  '\r',
  '\n',
  ' ',
  'a',
  '1',
  '-2',
  '3.5e3',
  '9223372036854775808',
  'NA',
  'inf',
  '-nan',
  '\u00e9',
];

function drawLine(draw: Draw): Uint8Array {
  return new Uint8Array(Buffer.from(Array.from({ length: draw(10) }, () => PIECES[draw(PIECES.length)]).join('')));
}

const golden = fixtureJson('csv/cases.json') as { readonly lines?: readonly string[] }[];

/** CSV lines as bytes and as text, against a reference. */
export const csvTarget: FuzzTarget = {
  name: 'CSV',
  weight: 3,
  seeds: golden.flatMap(({ lines = [] }) => lines.map((line) => new Uint8Array(Buffer.from(line)))),
  generate: drawLine,
  mutate: (input, draw) => {
    const at = draw(input.length + 1);
    return replaced(input, at, at, new Uint8Array(Buffer.from(PIECES[draw(PIECES.length)]!)));
  },
  run: (input, draw) => {
    const { columns, rules, parser } = PARSERS[draw(PARSERS.length)]!;
    const isText = draw(2) === 0;
    // Invalid UTF-8 becomes other characters in text. The parser then reads these characters.
    const line: CsvLine = isText ? Buffer.from(input).toString('utf8') : poisonedChunk(input, draw);
    const bytes = isText ? Buffer.from(line as string) : Buffer.from(input);
    const fields = splitLine(bytes.toString('latin1'), rules);
    const expected =
      fields?.length === columns.length
        ? columns.map((column, index) => valueBytes(fields[index]!, column, rules.naValue))
        : [undefined];
    const found = textsOf(() => parser.parseLine(line), bytes.length);
    const texts = expected.every((each) => each !== undefined)
      ? expected.map(({ dtype, bytes: value }) => arrayText(dtype, [], [value]))
      : undefined;
    assert.deepEqual(found, texts, JSON.stringify([columns, rules]));
  },
};

function textsOf(parse: () => readonly Parameters<typeof columnText>[0][], lineBytes: number): string[] | undefined {
  try {
    return parse().map(columnText);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    assert.ok(error.byteOffset >= 0 && error.byteOffset <= lineBytes, `offset ${error.byteOffset}`);
    return undefined;
  }
}
