import type { OperatorFunction } from 'rxjs';
import { badRecordsSchema, type BadRecordOptions } from './shared/badRecords.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { parseRecords } from './shared/parseRecords.js';
import { createExampleParser } from '../src/formats/example/exampleParser.js';
import type { Features, ParsedSingleExample } from '../src/formats/example/features.js';

/**
 * Parses serialized `tf.train.Example`s one by one, like `tf.io.parse_single_example`. For batches, `batch` followed by
 * `parseExample` is many times faster.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { fixedLenFeature } from 'millrace/formats';
 * import { decodeTFRecord, parseSingleExample } from 'millrace/operators';
 *
 * const labels$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   parseSingleExample({ label: fixedLenFeature([], 'int64') }),
 * ); // { label: NDArray<'int64'> of shape [] }
 * ```
 *
 * Numbers are copied to new arrays. Values of dtype `bytes` are views on the record. Keeps the order. Memory: stores
 * nothing between records.
 *
 * Throws a ConfigError at the call for invalid arguments. Notifies a FormatError that names the feature. `recordIndex`
 * is the record's index in this subscription, and `byteOffset` is the offset in the record. `onBadRecord` may skip the
 * record.
 *
 * @param features - the features to parse, by name. Other features are skipped.
 * @param options - `onBadRecord`, default `'fail'`; `maxBadRecords`.
 * @see https://www.tensorflow.org/api_docs/python/tf/io/parse_single_example
 */
export function parseSingleExample<const F extends Features>(
  features: F,
  options: BadRecordOptions = {},
): OperatorFunction<Uint8Array, ParsedSingleExample<F>> {
  const badRecords = parseOptions('parseSingleExample', badRecordsSchema, options, {
    form: "parseSingleExample(features, { onBadRecord: 'skip' })",
  });
  const parser = createExampleParser(features);
  return parseRecords('parseSingleExample', badRecords, {
    single: (record, index) => parser.parseSingle(record, index),
  });
}
