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

/** The schema of the arguments of {@link parseRecordProtobuf} that JSON can represent. */
export const parseRecordProtobufSchema = recordTensorsSchema.extend(jsonBadRecordFields);

/**
 * Parses SageMaker's `application/x-recordio-protobuf`, by record, or by batch, which is faster.
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
 * A record's tensor has its written shape, or that of a vector. In a batch, all records must have the same shape, and
 * the records are a new first dimension. With `kind: 'sparse'` it is a SparseArray. Numbers are copied to new arrays.
 * `bytes` are views on their records. Keeps the order. Memory: nothing between items.
 *
 * Throws a ConfigError at the call for invalid arguments. Notifies a FormatError that names the tensor, with the
 * record's index in this subscription and the byte offset in the record. A record is bad if it lacks the tensor, or if
 * the tensor has another dtype, kind or declared `shape`.
 *
 * `onBadRecord` may skip bad records: their batch is then smaller, and is dropped if it is empty. Without a declared
 * shape, the most frequent shape of a batch is kept, and other records are bad. If no shape is the most frequent, a
 * ShapeError is notified even with `onBadRecord`: declare the `shape`.
 *
 * @param tensors - the tensors to parse from `features` and `label`, by name. Other names are skipped.
 * @param options - `onBadRecord`, default `'fail'`; `maxBadRecords`.
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
