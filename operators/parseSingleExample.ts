import type { OperatorFunction } from 'rxjs';
import { badRecordsSchema, type BadRecordOptions } from './shared/badRecords.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { parseRecords } from './shared/parseRecords.js';
import { createExampleParser } from '../src/formats/example/exampleParser.js';
import type { Features, ParsedSingleExample } from '../src/formats/example/features.js';

/**
 * Parses serialized `tf.train.Example`s one by one: `tf.io.parse_single_example`. Where batches are made anyway,
 * `batch` and then `parseExample` do the same many times faster.
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
 * Numbers are copied into fresh arrays; values of dtype `bytes` are views on the record. Order is kept.
 *
 * Throws a ConfigError at the call for features that make no sense. Notifies a FormatError that names the feature, with
 * the index of the record in this subscription and the byte offset within it; `onBadRecord` may leave that record out.
 *
 * @param features - what is asked for, by name; names that are not asked for are skipped.
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
