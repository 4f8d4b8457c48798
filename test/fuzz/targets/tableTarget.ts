import assert from 'node:assert/strict';
import type { NDArray } from '../../../src/arrays/ndarray.js';
import { tableOptionsSchema } from '../../../src/formats/table/tableOptions.js';
import { TableReader } from '../../../src/formats/table/tableReader.js';
import { columnText } from '../../formats/reference/columnText.js';
import { readTable, type TableOutcome, type TableRules } from '../../formats/reference/readTable.js';
import { fixtureJson } from '../../formats/support/fixtures.js';
import { readAll } from '../../formats/support/readAll.js';
import { drawCuts, poisonedChunks, type Draw } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { replaced } from '../mutations.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

const COLUMNS: readonly TableRules['columns'][] = [
  {},
  {},
  { a: { dtype: 'float64' } },
  { a: { dtype: 'float32', default: 1.5 }, b: { dtype: 'int64', default: 7 } },
  { a: { dtype: 'string', default: 'none' }, b: { dtype: 'bool', default: true } },
];

const NUMBERS = [
  '1',
  '-2',
  '0.5',
  '3.5e3',
  '+7',
  '.25',
  '1.',
  '2147483648',
  '9223372036854775808',
  '123456789012345678',
  '-12.3456',
  '0.8444218515250481',
  '123.45678901234567890',
  '9.00000000000000000001',
];
const LONG = ['0.30000000000000004', '1.7976931348623157e308', '-4.9e-324', '00000.000000000000000001', '1e400', '-0'];
const WORDS = [
  'NA',
  'true',
  'False',
  'inf',
  '-nan',
  'x',
  '\u00e9',
  ' 1 ',
  '',
  '""',
  '"a, b"',
  '"two\nlines"',
  '"say ""x"""',
];
const PIECES = [
  ',',
  ';',
  '"',
  '""',
  '\r',
  '\n',
  '\r\n',
  ' ',
  'e',
  '.',
  '-',
  'a,b\n',
  'b,a\r\n',
  ...NUMBERS,
  ...LONG,
  ...WORDS,
];
const FIELDS = [...NUMBERS, ...NUMBERS, ...LONG, ...WORDS, '"1"'];

const oneOf = <T>(values: readonly T[], draw: Draw): T => values[draw(values.length)]!;

function drawTable(draw: Draw): Uint8Array {
  const columns = 1 + draw(3);
  const delimiter = draw(4) === 0 ? ';' : ',';
  const ending = draw(3) === 0 ? '\r\n' : '\n';
  const kinds = Array.from({ length: columns }, () => (draw(2) === 0 ? NUMBERS : FIELDS));
  const row = () => kinds.map((fields) => oneOf(draw(8) === 0 ? FIELDS : fields, draw)).join(delimiter);
  const header = ['a', 'b', 'c'].slice(0, columns).join(delimiter);
  const lines = Array.from({ length: draw(8) }, () => (draw(12) === 0 ? oneOf([header, ''], draw) : row()));
  return bytes(`${draw(8) === 0 ? '\ufeff' : ''}${[header, ...lines].join(ending)}${draw(2) === 0 ? ending : ''}`);
}

function drawRules(draw: Draw): TableRules {
  return {
    batchSize: 1 + draw(3),
    columns: oneOf(COLUMNS, draw),
    ...(draw(6) === 0 && { columnNames: ['a', 'b'] }),
    inferRows: 1 + draw(3),
    delimiter: draw(4) === 0 ? ';' : ',',
    quotes: draw(4) > 0,
    naValues: draw(2) === 0 ? [] : ['NA', '\u00e9'],
    skipsBad: draw(3) === 0,
  };
}

/** Data that may begin like compressed data or UTF-16, which are refused. */
function isForeign(input: Uint8Array): boolean {
  if (input[0] === 0xef && input[1] === 0xbb && input[2] === 0xbf) return false;
  return input.subarray(0, 4).some((byte) => (byte < 0x20 && byte !== 0x0a && byte !== 0x0d) || byte > 0x7e);
}

function readCut(chunks: readonly Uint8Array[], { skipsBad, ...rules }: TableRules, length: number): TableOutcome {
  const skip = skipsBad ? () => undefined : undefined;
  const { records, error } = readAll(new TableReader(tableOptionsSchema().parse(rules), new Map(), skip), chunks);
  if (error) assert.ok(error.byteOffset >= 0 && error.byteOffset <= length, `offset ${error.byteOffset}`);
  const textsOf = (table: Readonly<Record<string, NDArray>>) =>
    Object.fromEntries(Object.entries(table).map(([name, array]) => [name, columnText(array)]));
  return { tables: records.map(textsOf), isWhole: error === undefined };
}

const { cases } = fixtureJson('table/cases.json') as {
  readonly cases: readonly { readonly files: readonly string[] }[];
};

/** Whole files of tables, against a reference, for all cuts. */
export const tableTarget: FuzzTarget = {
  name: 'Table',
  weight: 3,
  seeds: cases.flatMap(({ files }) => files.map(bytes)),
  generate: drawTable,
  mutate: (input, draw) => {
    const at = draw(input.length + 1);
    return replaced(input, at, Math.min(input.length, at + draw(3)), bytes(oneOf(PIECES, draw)));
  },
  run: (input, draw) => {
    const rules = drawRules(draw);
    const expected = isForeign(input) ? undefined : readTable(Buffer.from(input).toString('latin1'), rules);
    for (const cuts of [[], drawCuts(input.length, draw)]) {
      const { chunks, assertUntouched } = poisonedChunks(input, cuts, draw);
      const found = readCut(chunks, rules, input.length);
      if (expected) assert.deepEqual(found, expected, JSON.stringify(rules));
      assertUntouched();
    }
  },
};
