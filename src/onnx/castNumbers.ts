import { TYPED_ARRAY_OF, type DataOf, type NDArray } from '../arrays/ndarray.js';
import { ValueError } from '../base/errors.js';

type Numeric = keyof typeof TYPED_ARRAY_OF;

/**
 * Copies numbers to the dtype `target`. Floats are rounded. The numbers of a `bool` array become 0 and 1.
 *
 * @throws ValueError if `target` is an integer dtype or `bool` and cannot represent a number exactly.
 */
export function castNumbers(name: string, { dtype, data }: NDArray, target: Numeric): DataOf[Numeric] {
  const source = data as DataOf[Numeric];
  const cast = new TYPED_ARRAY_OF[target](source.length);
  const isBoolean = dtype === 'bool';
  const isBigInt = cast instanceof BigInt64Array || cast instanceof BigUint64Array;
  const mayRound = target === 'float32' || target === 'float64';
  for (let index = 0; index < source.length; index++) {
    const value = isBoolean ? Number(source[index] !== 0) : (source[index] as number | bigint);
    if (typeof value === 'number' && isBigInt && !Number.isInteger(value)) throw misfit(name, { value, index, target });
    cast[index] = isBigInt ? BigInt(value) : Number(value);
    if (!mayRound && !isSame(cast[index] as number | bigint, value)) throw misfit(name, { value, index, target });
    if (target === 'bool' && value > 1) throw misfit(name, { value, index, target });
  }
  return cast;
}

/** Also compares numbers with bigints. */
const isSame = (left: number | bigint, right: number | bigint): boolean => left <= right && left >= right;

interface Misfit {
  readonly value: number | bigint;
  readonly index: number;
  readonly target: Numeric;
}

function misfit(name: string, { value, index, target }: Misfit): ValueError {
  return new ValueError(
    `toOrtTensors: ${name}: element ${index} is ${String(value)}, which ${target} cannot represent. Choose a wider ` +
      'dtype, or map the values first.',
    { path: name },
  );
}
