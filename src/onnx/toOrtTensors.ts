import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import type { NDArray } from '../arrays/ndarray.js';
import { TYPED_ARRAY_OF } from '../arrays/ndarray.js';
import { requireArray } from '../arrays/requireArray.js';
import { ConfigError, ValueError } from '../base/errors.js';
import { parseOptions } from '../base/parseOptions.js';
import { quoteNames, showValue } from '../base/showValue.js';
import { castNumbers } from './castNumbers.js';
import type { OnnxRuntime, OrtData, OrtDType } from './ortTensor.js';

/** Options of {@link toOrtTensors}. */
export interface OrtTensorsOptions {
  /** The dtypes of inputs by name: `{ input_ids: 'int64' }`. Default: an input has the dtype of its array. */
  readonly dtypes?: Readonly<Record<string, Exclude<OrtDType, 'string'>>> | undefined;
}

const numeric = Object.keys(TYPED_ARRAY_OF) as (keyof typeof TYPED_ARRAY_OF)[];
const optionsSchema = lazy(() => z.strictObject({ dtypes: z.record(z.string(), z.enum(numeric)).default({}) }));

/**
 * Makes the inputs of an ONNX model from a batch: an ONNX Runtime tensor of the same name and shape for each array.
 *
 * ```ts
 * import { recordsFromFiles, toAsyncIterable } from 'millrace';
 * import { rawFeature } from 'millrace/formats';
 * import { fromOrtTensors, toOrtTensors } from 'millrace/onnx';
 * import { batch, parseExample } from 'millrace/operators';
 * import * as ort from 'onnxruntime-node';
 *
 * const session = await ort.InferenceSession.create('digits.onnx');
 * const batches$ = recordsFromFiles('data/*.tfrecord', { recordFormat: 'TFRecord' }).pipe(
 *   batch(64),
 *   parseExample({ image: rawFeature([64], 'uint8') }),
 * );
 * for await (const images of toAsyncIterable(batches$)) {
 *   const inputs = toOrtTensors(ort, images, { dtypes: { image: 'float32' } });
 *   const { probabilities } = fromOrtTensors(await session.run(inputs));
 *   console.log(probabilities?.shape); // [64, 10]
 * }
 * ```
 *
 * The tensors share the memory of the arrays. Only strings, arrays that `dtypes` converts, and booleans with a byte
 * above 1 are copied. `bytes` become strings, and must be UTF-8 without NUL, because ONNX Runtime would end the text at
 * the NUL. A number that a float dtype cannot represent is rounded.
 *
 * @param ort - `onnxruntime-node`, or another package with the same `Tensor`.
 * @param batch - the arrays by the names of the model's inputs.
 * @throws ConfigError if an option is invalid, or names no array of the batch.
 * @throws ValueError if a value is not an NDArray, if bytes are not valid text, or if an integer dtype cannot represent
 *   a number.
 *
 * @see https://onnxruntime.ai/docs/api/js/interfaces/Tensor-1.html
 */
export function toOrtTensors<T, B extends Readonly<Record<string, NDArray>>>(
  ort: OnnxRuntime<T>,
  batch: B,
  options: OrtTensorsOptions = {},
): { [K in keyof B]: T } {
  const { dtypes } = parseOptions('toOrtTensors', optionsSchema(), options, {
    form: "toOrtTensors(ort, batch, { dtypes: { input_ids: 'int64' } })",
  });
  if (typeof (ort as Partial<OnnxRuntime<T>> | undefined)?.Tensor !== 'function') {
    const message = `ort: expected the module onnxruntime-node, with a class Tensor, found ${showValue(ort)}`;
    throw new ConfigError(`toOrtTensors: ${message}`, { path: 'ort' });
  }
  if (typeof batch !== 'object' || batch === null || 'dtype' in batch) {
    const found = batch === null || typeof batch !== 'object' ? showValue(batch) : 'an NDArray';
    throw new ValueError(
      `toOrtTensors: the batch: expected an object with an NDArray for each input of the model, found ${found}.`,
      { path: '' },
    );
  }
  const unknown = Object.keys(dtypes).find((name) => !Object.hasOwn(batch, name));
  if (unknown !== undefined) {
    const message = `dtypes: the batch has no array ${quoteNames([unknown])}: it has ${quoteNames(Object.keys(batch))}`;
    throw new ConfigError(`toOrtTensors: ${message}`, { path: `dtypes.${unknown}` });
  }
  const tensors = Object.entries(batch).map(([name, array]) => {
    requireArray('toOrtTensors', array, name);
    const [type, data] = typedData(name, array, dtypes[name]);
    return [name, new ort.Tensor(type, data, array.shape)];
  });
  return Object.fromEntries(tensors) as { [K in keyof B]: T };
}

function typedData(name: string, array: NDArray, wanted: keyof typeof TYPED_ARRAY_OF | undefined): [OrtDType, OrtData] {
  if (array.dtype === 'bytes') {
    if (wanted === undefined) return ['string', array.data.map((bytes, index) => textOf(name, bytes, index))];
    throw new ValueError(`toOrtTensors: ${name}: text cannot become ${wanted}. Map the text to numbers first.`, {
      path: name,
    });
  }
  const type = wanted ?? array.dtype;
  const isSame = type === array.dtype && (type !== 'bool' || array.data.every((byte: number | bigint) => byte <= 1));
  return [type, isSame ? array.data : castNumbers(name, array, type)];
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(name: string, bytes: Uint8Array, index: number): string {
  let fault = 'contains a NUL character, where ONNX Runtime would truncate the text';
  try {
    if (!bytes.includes(0)) return utf8.decode(bytes);
  } catch {
    fault = 'is not valid UTF-8, and ONNX strings are text';
  }
  throw new ValueError(
    `toOrtTensors: ${name}: element ${index} ${fault}. To pass the bytes as numbers, use decodeRaw.`,
    { path: name },
  );
}
