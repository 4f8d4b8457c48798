import fc from 'fast-check';

export const digits = (maxLength: number) =>
  fc.array(fc.nat(9), { minLength: 1, maxLength }).map((values) => values.join(''));
/** Decimal numbers of up to 44 digits, with all exponents. */
export const decimals = fc
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
export const nearMiddles = fc
  .tuple(fc.bigInt({ min: 2n ** 53n, max: 2n ** 59n }), fc.constantFrom(-1n, 0n, 1n), fc.nat(18))
  .map(([value, step, point]) => {
    const power = 2n ** BigInt(value.toString(2).length - 53);
    const text = String((value / power) * power + power / 2n + step).padStart(point + 1, '0');
    return point === 0 ? text : `${text.slice(0, -point)}.${text.slice(-point)}`;
  });
