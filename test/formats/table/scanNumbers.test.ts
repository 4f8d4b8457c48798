import fc from 'fast-check';
import { nearestFloat32 } from '../../../src/formats/csv/nearestFloat32.js';
import {
  FLOAT32_KIND,
  FLOAT64_KIND,
  INT32_KIND,
  OTHER_KIND,
  scanNumbers,
} from '../../../src/formats/table/scanNumbers.js';
import { decimals, digits, nearMiddles } from '../support/decimals.js';
import { runs } from '../../support/runs.js';

interface Scan {
  readonly numbers: readonly (number | undefined)[];
  /** The index of the first field that was not read. */
  readonly field: number;
  readonly position: number;
}

interface Row {
  readonly texts: readonly string[];
  readonly kinds: readonly number[];
  readonly delimiter?: string;
  readonly lineEnd?: string;
  /** The bytes after the row in the same memory. */
  readonly rest?: Uint8Array;
}

const MUCH = new Uint8Array(40).fill(0x2c);

/** Scans a row that does not begin at the start of its memory. Each number is written to row 1 of its column. */
function scan({ texts, kinds, delimiter = ',', lineEnd = '\n', rest = MUCH }: Row): Scan {
  const memory = Buffer.concat([Buffer.from('99'), Buffer.from(texts.join(delimiter) + lineEnd), rest]);
  const bytes = memory.subarray(2);
  const row = {
    numbers: new Float64Array(2 * kinds.length).fill(NaN),
    delimiter: delimiter.charCodeAt(0),
    kinds: Uint8Array.from(kinds),
    starts: Int32Array.from(kinds, (_, index) => 2 * index),
    row: 1,
    field: 0,
  };
  const position = scanNumbers(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, row);
  const numbers = kinds.map((_, index) => (index < row.field ? row.numbers[2 * index + 1] : undefined));
  return { numbers, field: row.field, position };
}

const numberOf = (text: string, kind: number, rest?: Uint8Array): number | undefined =>
  scan({ texts: [text], kinds: [kind], ...(rest && { rest }) }).numbers[0];

/** Numbers of up to 20 decimals in the middle of two float64 numbers, rounded to their last decimal, and neighbours. */
const roundedMiddles = fc
  .tuple(
    fc.double({ min: 2 ** -20, max: 900, noNaN: true }),
    fc.integer({ min: 13, max: 20 }),
    fc.constantFrom(-1n, 0n, 1n),
  )
  .map(([value, places, step]) => {
    const bits = new BigUint64Array(Float64Array.of(value).buffer)[0] as bigint;
    const significand = 2n * ((bits & (2n ** 52n - 1n)) + 2n ** 52n) + 1n;
    const shift = 1075n - (bits >> 52n) + 1n;
    const scaled = String(((significand * 10n ** BigInt(places)) >> shift) + step).padStart(places + 1, '0');
    return `${scaled.slice(0, -places)}.${scaled.slice(-places)}`;
  });

/** Numbers that need no other function: up to 15 digits, and not more than nine before the point. */
const plainNumbers = fc
  .tuple(fc.constantFrom('', '-'), digits(9), fc.option(fc.oneof(fc.constant(''), digits(6))))
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`);

const longNumbers = fc
  .tuple(fc.constantFrom('', '-'), digits(3), fc.array(fc.nat(9), { minLength: 10, maxLength: 24 }))
  .map(([sign, whole, fraction]) => `${sign}${whole}.${fraction.join('')}`);

const anyText = fc.string({
  unit: fc.constantFrom('0', '9', '1', '.', '-', '+', 'e', ' ', '"', 'é', '/', ':'),
  maxLength: 9,
});

const rests = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('0', '9', '.', ',', '\n'), maxLength: 40 }).map((text) => Buffer.from(text)),
);

describe('scanNumbers', () => {
  it('returns the nearest float64 of every number', () => {
    fc.assert(
      fc.property(fc.oneof(decimals, nearMiddles, roundedMiddles, longNumbers), rests, (text, rest) => {
        expect([undefined, Number(text)]).toContain(numberOf(text, FLOAT64_KIND, rest));
      }),
      { numRuns: runs(5000) },
    );
  });

  it('returns the nearest float32', () => {
    const between = fc
      .tuple(fc.float({ noNaN: true, noDefaultInfinity: true, min: 2 ** -20, max: 2 ** 20 }), fc.constantFrom('', '1'))
      .map(([value, more]) => `${(value + Math.fround(value * (1 + 2 ** -23))) / 2}${more}`);
    fc.assert(
      fc.property(fc.oneof(decimals, between, plainNumbers, longNumbers), (text) => {
        expect([undefined, nearestFloat32(text, Number(text))]).toContain(numberOf(text, FLOAT32_KIND));
      }),
      { numRuns: runs(2000) },
    );
  });

  it('reads all plain numbers itself, whatever follows the row', () => {
    fc.assert(
      fc.property(plainNumbers, rests, (text, rest) => {
        expect(numberOf(text, FLOAT64_KIND, rest)).toBe(Number(text));
      }),
      { numRuns: runs(2000) },
    );
  });

  it('reads nearly all numbers with up to 20 decimals itself', () => {
    const texts = fc
      .sample(longNumbers, { seed: 1, numRuns: runs(2000) })
      .filter((text) => text.split('.')[1]!.length <= 20);
    expect(texts.filter((text) => numberOf(text, FLOAT64_KIND) === undefined)).toEqual([]);
  });

  it.each([
    ['0.0000000000000000', 0],
    ['-0.0000000000000000', -0],
    ['-0', -0],
    ['-0.00', -0],
    ['5.', 5],
    ['0.00000000000000000001', 1e-20],
    ['0.000000000000000000001', 1e-21],
    ['0.5000000000000000277555756156289135', 0.5],
    ['9007.199254740993', Number('9007.199254740993')],
    ['-9006.99999999999999999999', -9007],
    ['9007.000000000000001', Number('9007.000000000000001')],
    ['-123456789.123456789012', Number('-123456789.123456789012')],
    ['0.1250000000000', 0.125],
    ['0.99999999999999999999', 1],
    ['999999999.999999', 999999999.999999],
    ['1234567890', 1234567890],
    ['123456789012345678', Number('123456789012345678')],
    ['1e3', 1000],
    ['1.5E-7', 1.5e-7],
    ['-1.5E-7', -1.5e-7],
  ])('reads %s', (text, value) => {
    for (const rest of [MUCH, new Uint8Array(0)]) expect(numberOf(text, FLOAT64_KIND, rest)).toBe(value);
  });

  it.each([
    '',
    '-',
    '.',
    '.5',
    '+5',
    '--5',
    '5-',
    '1e',
    '1.2.3',
    'é',
    '12é',
    '1234é678',
    '0.12é',
    '0.1234567é',
    '0.12345678901234é',
    '0.1234567890123456é',
    '5 ',
    '/',
    ':',
  ])('leaves %j to the caller', (text) => {
    for (const rest of [MUCH, new Uint8Array(0)]) {
      expect(scan({ texts: [text], kinds: [FLOAT64_KIND], rest })).toMatchObject({ field: 0, position: 0 });
    }
  });

  it('reads integers of up to nine digits, and leaves all other numbers of int32 columns to the caller', () => {
    for (const text of ['0', '-7', '123456789', '-999999999', '000000012'])
      expect(numberOf(text, INT32_KIND)).toBe(Number(text));
    for (const text of ['1234567890', '1.0', '1.', '1e3', '2147483648'])
      expect(numberOf(text, INT32_KIND)).toBeUndefined();
  });

  it('does not read across the end of a field or a row', () => {
    expect(scan({ texts: ['', '5'], kinds: [FLOAT64_KIND, FLOAT64_KIND] }).field).toBe(0);
    expect(scan({ texts: ['1'], kinds: [FLOAT64_KIND, FLOAT64_KIND] }).field).toBe(0);
    expect(scan({ texts: ['1', '2'], kinds: [FLOAT64_KIND] }).field).toBe(0);
    expect(scan({ texts: ['1'], kinds: [FLOAT64_KIND], lineEnd: '\r\r\n' }).field).toBe(0);
  });

  it('reads rows up to the first field that it cannot read', () => {
    const fields = fc.array(fc.tuple(fc.oneof(plainNumbers, plainNumbers, longNumbers, decimals, anyText), fc.nat(3)), {
      minLength: 1,
      maxLength: 6,
    });
    const format = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', '|', ' '),
      lineEnd: fc.constantFrom('\n', '\r\n'),
    });
    fc.assert(
      fc.property(fields, format, rests, (row, { delimiter, lineEnd }, rest) => {
        const texts = row.map(([text]) => text.replaceAll(delimiter, ''));
        const kinds = row.map(([, kind]) => kind);
        const { numbers, field, position } = scan({ texts, kinds, delimiter, lineEnd, rest });
        for (const [index, text] of texts.slice(0, field).entries()) {
          expect(text).toMatch(/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i);
          const value = Number(text);
          expect(numbers[index]).toBe(kinds[index] === FLOAT32_KIND ? nearestFloat32(text, value) : value);
        }
        const before = Buffer.from(texts.slice(0, field).join(delimiter)).length;
        const isEnd = field === texts.length;
        expect(position).toBe(before + (isEnd ? lineEnd.length : field > 0 ? 1 : 0));
        if (!isEnd) {
          const isInt32 = kinds[field] === INT32_KIND;
          const isPlain = (isInt32 ? /^-?\d{1,9}$/ : /^-?\d{1,9}(?:\.\d{0,6})?$/).test(texts[field]!);
          const isMiddle = kinds[field] === FLOAT32_KIND;
          expect(isPlain && !isMiddle && kinds[field] !== OTHER_KIND).toBe(false);
        }
      }),
      { numRuns: runs(3000) },
    );
  });
});
