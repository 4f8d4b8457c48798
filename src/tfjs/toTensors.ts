import { ValueError } from '../base/errors.js';
import { isNDArray, sizeOfShape } from '../arrays/ndarray.js';
import type { NDArray, RaggedArray, SparseArray } from '../arrays/ndarray.js';
import type { AnyTensor, TensorDType, TensorFlow, TensorValues } from './tensorFlow.js';

/** What a batch becomes: each NDArray in it a tensor `T`, the structure around them as it was, the rest `never`. */
export type TensorsOf<B, T> = B extends NDArray
  ? T
  : B extends SparseArray | RaggedArray | ArrayBufferView
    ? never
    : B extends object
      ? { -readonly [K in keyof B]: TensorsOf<B[K], T> }
      : never;

/** What the integers that are wider than tfjs's int32 become. */
export type WideIntegers = 'int32' | 'float32';

/**
 * Makes a tensor of every {@link NDArray} in a batch.
 *
 * @throws ValueError with the path of what cannot become a tensor. Those made so far are left to the caller's `tf.tidy`.
 */
export function toTensors<T extends AnyTensor>(tf: TensorFlow<T>, batch: unknown, wideIntegers: WideIntegers): unknown {
  return convert('', batch);

  function convert(path: string, value: unknown): unknown {
    if (isNDArray(value)) return makeTensor(path, value);
    if (Array.isArray(value)) return value.map((part, index) => convert(`${path}[${index}]`, part));
    if (!isRecord(value)) throw refusal(path, nameOf(value), REMEDY);
    if ('denseShape' in value) throw refusal(path, 'a sparse array', DENSE_REMEDY);
    if ('rowSplits' in value) throw refusal(path, 'a ragged array', DENSE_REMEDY);
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, convert(path === '' ? key : `${path}.${key}`, part)]),
    );
  }

  function makeTensor(path: string, array: NDArray): T {
    const size = sizeOfShape(array.shape);
    if (array.data.length !== size) {
      throw refusal(path, `${array.data.length} elements where its shape [${array.shape.join(', ')}] has ${size}`, '');
    }
    const [values, dtype] = tensorValues(path, array, wideIntegers);
    return tf.tensor(values, [...array.shape], dtype);
  }
}

/** The elements as tfjs wants them: the same memory where it can hold them, else a converted copy. */
function tensorValues(path: string, array: NDArray, wideIntegers: WideIntegers): [TensorValues, TensorDType] {
  switch (array.dtype) {
    case 'float32':
    case 'int32':
      return [array.data, array.dtype];
    case 'bytes':
      return [array.data, 'string'];
    case 'bool':
      // tfjs takes a bool's byte for 0 or 1, and computes with whatever else it finds there.
      return [
        array.data.some((byte) => byte > 1) ? array.data.map((byte) => (byte === 0 ? 0 : 1)) : array.data,
        'bool',
      ];
    case 'float64':
      return [new Float32Array(array.data), 'float32'];
    case 'int8':
    case 'uint8':
    case 'int16':
    case 'uint16':
      return [new Int32Array(array.data), 'int32'];
    case 'uint32':
    case 'int64':
    case 'uint64':
      return wideIntegers === 'float32'
        ? [Float32Array.from<number | bigint>(array.data, Number), 'float32']
        : [narrow(path, array.data), 'int32'];
  }
}

function narrow(path: string, wide: Uint32Array | BigInt64Array | BigUint64Array): Int32Array {
  const values = new Int32Array(wide.length);
  for (let i = 0; i < wide.length; i += 1) {
    const value = Number(wide[i]);
    values[i] = value;
    if (values[i] !== value) {
      const remedy = "Ask for { wideIntegers: 'float32' }, or map it into the range of int32 before.";
      throw refusal(path, `${String(wide[i])} (element ${i}), beyond int32, the widest integer of tfjs`, remedy);
    }
  }
  return values;
}

const REMEDY = 'Make it an NDArray or leave it out in a map() before the bridge, or convert the batch with toTensors.';
const DENSE_REMEDY = 'tfjs has dense tensors only: make it dense in a map() before the bridge, or use toTensors.';

function refusal(path: string, found: string, remedy: string): ValueError {
  const where = path === '' ? 'the batch' : path;
  return new ValueError(`toDataset: ${where}: cannot make a tensor of ${found}. ${remedy}`.trimEnd(), { path });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? `a bare ${value.constructor.name}` : `a ${typeof value}`;
}
