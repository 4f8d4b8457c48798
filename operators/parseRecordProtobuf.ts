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

/** The arguments of {@link parseRecordProtobuf} that JSON can hold: the tensors, and what is done with bad records. */
export const parseRecordProtobufSchema = recordTensorsSchema.extend(jsonBadRecordFields);

/**
 * Parses SageMaker's `application/x-recordio-protobuf`, record by record or in batches, which is the fast way.
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
 * A record's tensor has the shape that it is written with, or that of a vector; in a batch, whose records have to agree
 * on it, they are a new first dimension. With `kind: 'sparse'` it is a SparseArray. Numbers are copied into fresh arrays;
 * `bytes` are views on their records. Order is kept; nothing is held between items.
 *
 * Throws a ConfigError at the call if the tensors are not valid. Notifies a FormatError that names the tensor, with the
 * index of the record in this subscription and the byte offset within it. A record is bad if it lacks the tensor, if
 * the tensor has another dtype, kind or declared `shape`, or if the shapes of a batch differ. `onBadRecord` may leave
 * bad records out: their batch is then smaller, and is left out if no record is sound. If no shape is declared and
 * sound records differ, the most frequent shape of each batch decides, and the other records are bad. If no shape is
 * the most frequent, a ShapeError is notified even with `onBadRecord`: declare the `shape`.
 *
 * @param tensors - the tensors to read from `features` and `label`, by name; other names are skipped. With `shape`, all
 *   batches have that shape, and a record of another shape is bad.
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
