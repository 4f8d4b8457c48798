import type { OperatorFunction } from 'rxjs';
import { lazy } from '../src/base/lazy.js';
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

export const parseRecordProtobufSchema = lazy(() => recordTensorsSchema().extend(jsonBadRecordFields()));

/**
 * Parses records or batches of records in SageMaker's format `application/x-recordio-protobuf`. Batches are faster.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { batch, decodeRecordIO, parseRecordProtobuf } from 'millrace/operators';
 *
 * const batches$ = channel('train').pipe(
 *   decodeRecordIO(),
 *   batch(64),
 *   parseRecordProtobuf({ features: { values: { dtype: 'float32' } }, label: { values: { dtype: 'float32' } } }),
 * ); // features.values of shape [64, features], label.values of shape [64, 1]
 * ```
 *
 * A tensor has the shape stored in the record. Without a stored shape, the tensor is a vector, so a label of one number
 * has shape `[1]`. In a batch, the tensor must have the same shape in all records, and the result has a new first
 * dimension. With `kind: 'sparse'`, the result is a SparseArray with its values in stored order. Numbers are copied. A
 * tensor of dtype `bytes` becomes a vector of views on the record.
 *
 * Fails with a FormatError that names the tensor, if a tensor is missing or does not have the declared dtype, kind or
 * shape.
 *
 * With `onBadRecord`, a tensor without a declared `shape` can have several shapes in a batch: records without the most
 * frequent shape are bad. Equally frequent shapes cause a ShapeError.
 *
 * @param tensors - the tensors to parse, by name. Other tensors are skipped.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html
 */
export function parseRecordProtobuf<const T extends RecordTensors>(
  tensors: T,
  options: BadRecordOptions = {},
): OperatorFunction<Uint8Array | readonly Uint8Array[], ParsedRecord<T>> {
  const badRecords = parseOptions('parseRecordProtobuf', badRecordsSchema(), options, {
    form: "parseRecordProtobuf(tensors, { onBadRecord: 'skip' })",
  });
  const parser = createRecordProtobufParser(tensors);
  return parseRecords('parseRecordProtobuf', badRecords, {
    single: (record, index) => parser.parseSingle(record, index),
    batch: (records, firstIndex) => parser.parseBatch(records, firstIndex),
    shapesOf: shapesOfRecords,
  });
}
