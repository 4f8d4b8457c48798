import type { OperatorFunction } from 'rxjs';
import { badRecordsSchema, type BadRecordOptions } from './shared/badRecords.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { parseRecords } from './shared/parseRecords.js';
import { createExampleParser } from '../src/formats/example/exampleParser.js';
import type { Features, ParsedExample } from '../src/formats/example/features.js';

/**
 * Parses batches of serialized `tf.train.Example`s straight into the batch's arrays: `tf.io.parse_example`, and the fast
 * way.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { fixedLenFeature, rawFeature } from 'millrace/formats';
 * import { batch, decodeTFRecord, parseExample } from 'millrace/operators';
 *
 * const batches$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   batch(64),
 *   parseExample({ image: rawFeature([28, 28], 'uint8'), label: fixedLenFeature([], 'int64') }),
 * ); // { image: NDArray<'uint8'> of shape [64, 28, 28], label: NDArray<'int64'> of shape [64] }
 * ```
 *
 * Numbers are copied into fresh arrays; values of dtype `bytes` are views on their records. Order is kept; nothing is
 * held between batches.
 *
 * Throws a ConfigError at the call for features that make no sense. Notifies a FormatError that names the feature, with
 * the index of the record in this subscription and the byte offset within it; `onBadRecord` may leave that record out, so
 * that its batch is smaller, and is left out itself where no record is sound.
 *
 * @param features - what is asked for, by name; names that are not asked for are skipped.
 * @param options - `onBadRecord`, default `'fail'`; `maxBadRecords`.
 * @see https://www.tensorflow.org/api_docs/python/tf/io/parse_example
 */
export function parseExample<const F extends Features>(
  features: F,
  options: BadRecordOptions = {},
): OperatorFunction<readonly Uint8Array[], ParsedExample<F>> {
  const badRecords = parseOptions('parseExample', badRecordsSchema, options, {
    form: "parseExample(features, { onBadRecord: 'skip' })",
  });
  const parser = createExampleParser(features);
  return parseRecords('parseExample', badRecords, {
    batch: (records, firstIndex) => parser.parseBatch(records, firstIndex),
  });
}
