import type { OperatorFunction } from 'rxjs';
import { badRecordsSchema, jsonBadRecordFields, type BadRecordOptions } from './shared/badRecords.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { parseRecords } from './shared/parseRecords.js';
import {
  createRecordProtobufParser,
  recordTensorsSchema,
  shapesOfRecords,
  type ParsedRecord,
  type RecordTensors,
} from '../src/formats/recordProtobuf/recordProtobufParser.js';

/** The schema of the arguments in JSON. */
export const parseRecordProtobufSchema = recordTensorsSchema.extend(jsonBadRecordFields);

/**
 * Parses records or batches of records of SageMaker's `application/x-recordio-protobuf`. Batches are faster.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { batch, decodeRecordIO, parseRecordProtobuf } from 'millrace/operators';
 * import { map } from 'rxjs';
 *
 * const batches$ = channel('train').pipe(
 *   decodeRecordIO(),
 *   batch(64),
 *   parseRecordProtobuf({ features: { values: { dtype: 'float32' } }, label: { values: { dtype: 'float32' } } }),
 *   map(({ features, label }) => ({ xs: features.values, ys: label.values })),
 * ); // xs of shape [64, features], ys of shape [64, 1]
 * ```
 *
 * A tensor has the shape that the record stores, or else is a vector. In a batch, all records must have the same shape,
 * and the result has a new first dimension. With `kind: 'sparse'` the result is a SparseArray. Numbers are copied to
 * new arrays. `bytes` are views on their records.
 *
 * Notifies a FormatError that names the tensor. Its `byteOffset` is the offset in the record. A record is bad if it
 * lacks the tensor, or if the tensor has another dtype, kind or declared `shape`.
 *
 * If `onBadRecord` skips records, the batch is smaller, and an empty batch is dropped. Without a declared `shape`,
 * records with the most frequent shape of the batch are good, and all others are bad. If two shapes are equally
 * frequent, a ShapeError is notified even with `onBadRecord`.
 *
 * @param tensors - of `features` and `label`, by name. Other names are skipped.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html
 */
export function parseRecordProtobuf<const T extends RecordTensors>(
  tensors: T,
  options: BadRecordOptions = {},
): OperatorFunction<Uint8Array | readonly Uint8Array[], ParsedRecord<T>> {
  const badRecords = parseOptions('parseRecordProtobuf', badRecordsSchema, options, {
    form: "parseRecordProtobuf(tensors, { onBadRecord: 'skip' })",
  });
  const parser = createRecordProtobufParser(tensors);
  return parseRecords('parseRecordProtobuf', badRecords, {
    single: (record, index) => parser.parseSingle(record, index),
    batch: (records, firstIndex) => parser.parseBatch(records, firstIndex),
    shapesOf: shapesOfRecords,
  });
}
