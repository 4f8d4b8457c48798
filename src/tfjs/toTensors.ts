import { ValueError } from '../base/errors.js';
import { quoteNames, showValue } from '../base/showValue.js';
import { isNDArray, sizeOfShape } from '../arrays/ndarray.js';
import type { NDArray, RaggedArray, SparseArray } from '../arrays/ndarray.js';
import { isPlain, plainTensor, type PlainValue } from './plainTensor.js';
import type { AnyTensor, TensorDType, TensorFlow, TensorValues } from './tensorFlow.js';

/**
 * A batch as tensors. Each NDArray, plain value or array of plain values becomes `T`. An array of objects of plain
 * values becomes one object. All other values become `never`.
 */
export type TensorsOf<B, T> = B extends NDArray | PlainValue
  ? T
  : B extends SparseArray | RaggedArray | ArrayBufferView
    ? never
    : [RowOf<B>] extends [never]
      ? B extends object
        ? { -readonly [K in keyof B]: TensorsOf<B[K], T> }
        : never
      : { -readonly [K in keyof RowOf<B>]: T };

type RowOf<B> = B extends readonly (infer E extends object)[]
  ? [E] extends [{ readonly [K in keyof E]: PlainValue }]
    ? E
    : never
  : never;

/** The dtype for integers that are wider than tfjs's int32. */
export type WideIntegers = 'int32' | 'float32';

/**
 * Makes the tensors of a batch, as in {@link TensorsOf}.
 *
 * @throws ValueError with the path of a value that cannot become a tensor. After this error, the caller's `tf.tidy`
 *   must dispose of the earlier tensors.
 */
export function toTensors<T extends AnyTensor>(tf: TensorFlow<T>, batch: unknown, wideIntegers: WideIntegers): unknown {
  return convert('', batch);

  function convert(path: string, value: unknown): unknown {
    if (isNDArray(value)) return makeTensor(path, value);
    if (isPlain(value)) return tf.tensor(...plainTensor(path, value));
    if (isRows(value)) return convert(path, columnsOf(path, value));
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
      const shape = `[${array.shape.join(', ')}]`;
      throw refusal(path, `${array.data.length} elements: its shape ${shape} needs ${size} elements`, '');
    }
    const [values, dtype] = tensorValues(path, array, wideIntegers);
    return tf.tensor(values, [...array.shape], dtype);
  }
}

/** Copies the values only if tfjs does not have their dtype. */
function tensorValues(path: string, array: NDArray, wideIntegers: WideIntegers): [TensorValues, TensorDType] {
  switch (array.dtype) {
    case 'float32':
    case 'int32':
      return [array.data, array.dtype];
    case 'bytes':
      return [array.data, 'string'];
    case 'bool':
      // tfjs computes wrong results with bytes other than 0 and 1.
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
      const remedy = "Set { wideIntegers: 'float32' }, or map the values into the range of int32 before toDataset.";
      throw refusal(
        path,
        `${String(wide[i])} (element ${i}), which is outside int32, the widest integer of tfjs`,
        remedy,
      );
    }
  }
  return values;
}

const REMEDY =
  'In a map() before toDataset, convert the value to an NDArray or remove it. Or use the option toTensors.';
const DENSE_REMEDY =
  'tfjs has only dense tensors: make the array dense in a map() before toDataset, or use the option toTensors.';

function refusal(path: string, found: string, remedy: string): ValueError {
  const place = path === '' ? 'the batch' : path;
  return new ValueError(`toDataset: ${place}: cannot make a tensor of ${found}. ${remedy}`.trimEnd(), { path });
}

/** True for a batch of objects without NDArrays. Checks only the first object. */
function isRows(value: unknown): value is readonly Readonly<Record<string, PlainValue>>[] {
  return Array.isArray(value) && isRecord(value[0]) && Object.values(value[0]).every(isPlain);
}

function columnsOf(path: string, rows: readonly Readonly<Record<string, PlainValue>>[]): Record<string, unknown> {
  const keys = Object.keys(rows[0] ?? {});
  const wrong = rows.findIndex((row) => !isRecord(row) || String(Object.keys(row).sort()) !== String([...keys].sort()));
  if (wrong < 0) return Object.fromEntries(keys.map((key) => [key, rows.map((row) => row[key])]));
  const place = `${path}[${wrong}]`;
  const found: unknown = rows[wrong];
  const shown = isRecord(found) ? quoteNames(Object.keys(found)) : showValue(found);
  throw new ValueError(
    `toDataset: ${place}: expected the keys ${quoteNames(keys)} of the first item, found ${shown}.`,
    {
      path: place,
    },
  );
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
