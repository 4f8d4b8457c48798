import fc from 'fast-check';
import { nearestFloat32 } from '../../../src/formats/csv/nearestFloat32.js';
import { scanDecimal, scanned } from '../../../src/formats/csv/scanDecimal.js';
import { FLOAT32_KIND, FLOAT64_KIND, scanNumbers } from '../../../src/formats/table/scanNumbers.js';

const COMMA = 0x2c;
const digits = (maxLength: number) => fc.array(fc.nat(9), { minLength: 1, maxLength }).map((values) => values.join(''));
/** Decimal numbers of up to 44 digits, with all exponents. */
const decimals = fc
  .record({
    sign: fc.constantFrom('', '-'),
    whole: digits(22),
    fraction: fc.option(digits(22), { nil: undefined }),
    exponent: fc.option(fc.integer({ min: -330, max: 330 }), { nil: undefined }),
  })
  .map(({ sign, whole, fraction, exponent }) => {
    const power = exponent === undefined ? '' : `e${exponent}`;
    return `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${power}`;
  });
/** Integers in the middle of two float64 numbers, and their neighbours, with a point somewhere. */
const nearMiddles = fc
  .tuple(fc.bigInt({ min: 2n ** 53n, max: 2n ** 59n }), fc.constantFrom(-1n, 0n, 1n), fc.nat(18))
  .map(([value, step, point]) => {
    const power = 2n ** BigInt(value.toString(2).length - 53);
    const text = String((value / power) * power + power / 2n + step).padStart(point + 1, '0');
    return point === 0 ? text : `${text.slice(0, -point)}.${text.slice(-point)}`;
  });

/** The number that a column of the kind receives from a text, or `undefined` if the caller must read the text. */
function fieldOf(text: string, kind: number): number | undefined {
  const numbers = new Float64Array(1);
  const row = { numbers, delimiter: COMMA, kinds: Uint8Array.of(kind), starts: Int32Array.of(0), row: 0, field: 0 };
  scanNumbers(Buffer.from(`${text}\n`), 0, row);
  return row.field === 1 ? numbers[0] : undefined;
}

describe('scanDecimal', () => {
  it('returns the nearest float64, or leaves the text to the caller', () => {
    fc.assert(
      fc.property(fc.oneof(decimals, nearMiddles, fc.double({ noNaN: true }).map(String)), (text) => {
        const end = scanDecimal(Buffer.from(`${text}\n`), 0);
        if (end < 0) return;
        expect(end).toBe(text.length);
        expect(scanned[0]).toBe(Number(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['0', '-0', '5.', '.5', '1e5', '1E-5', '1e+22', '9007199254740991', '0.000001', '1.000000000000000000e+00'])(
    'reads %s',
    (text) => {
      expect(scanDecimal(Buffer.from(`${text}\n`), 0)).toBe(text.length);
      expect(scanned[0]).toBe(Number(text));
    },
  );

  it.each(['', '-', '.', 'e5', '1e', '1e+', 'nan', '1e99999'])('leaves %j to the caller', (text) => {
    expect(scanDecimal(Buffer.from(`${text}\n`), 0)).toBe(-1);
  });
});

describe('scanNumbers', () => {
  it('returns the nearest float64', () => {
    fc.assert(
      fc.property(fc.oneof(decimals, nearMiddles), (text) => {
        expect([undefined, Number(text)]).toContain(fieldOf(text, FLOAT64_KIND));
      }),
      { numRuns: 2000 },
    );
  });

  it('returns the nearest float32', () => {
    const between = fc
      .tuple(fc.float({ noNaN: true, noDefaultInfinity: true, min: 2 ** -20, max: 2 ** 20 }), fc.constantFrom('', '1'))
      .map(([value, more]) => `${(value + Math.fround(value * (1 + 2 ** -23))) / 2}${more}`);
    fc.assert(
      fc.property(fc.oneof(decimals, between), (text) => {
        expect([undefined, nearestFloat32(text, Number(text))]).toContain(fieldOf(text, FLOAT32_KIND));
      }),
      { numRuns: 2000 },
    );
  });
});
