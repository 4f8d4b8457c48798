import type { OperatorFunction } from 'rxjs';
import { badRecordsSchema, type BadRecordOptions } from './shared/badRecords.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { parseRecords } from './shared/parseRecords.js';
import { createExampleParser } from '../src/formats/example/exampleParser.js';
import type { Features } from '../src/formats/example/features.js';
import type { ParsedExample } from '../src/formats/example/parsedFeatures.js';

/**
 * Parses batches of serialized `tf.train.Example`s to arrays, like `tf.io.parse_example`.
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
 * Numbers are copied. Values of dtype `bytes` are views on their records.
 *
 * Fails with a FormatError that names the feature, if a record is bad.
 *
 * @param features - the features to parse, by name. Other features are skipped.
 * @see https://www.tensorflow.org/api_docs/python/tf/io/parse_example
 */
export function parseExample<const F extends Features>(
  features: F,
  options: BadRecordOptions = {},
): OperatorFunction<readonly Uint8Array[], ParsedExample<F>> {
  const badRecords = parseOptions('parseExample', badRecordsSchema(), options, {
    form: "parseExample(features, { onBadRecord: 'skip' })",
  });
  const parser = createExampleParser(features);
  return parseRecords('parseExample', badRecords, {
    batch: (records, firstIndex) => parser.parseBatch(records, firstIndex),
  });
}
