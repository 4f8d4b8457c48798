import type { OperatorFunction } from 'rxjs';
import { badRecordsSchema, type BadRecordOptions } from './shared/badRecords.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { parseRecords } from './shared/parseRecords.js';
import { createExampleParser } from '../src/formats/example/exampleParser.js';
import type { Features } from '../src/formats/example/features.js';
import type { ParsedSingleExample } from '../src/formats/example/parsedFeatures.js';

/**
 * Parses serialized `tf.train.Example`s one by one, like `tf.io.parse_single_example`.
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
 * `batch` followed by `parseExample` is many times faster. The features, errors and memory are those of `parseExample`.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/io/parse_single_example
 */
export function parseSingleExample<const F extends Features>(
  features: F,
  options: BadRecordOptions = {},
): OperatorFunction<Uint8Array, ParsedSingleExample<F>> {
  const badRecords = parseOptions('parseSingleExample', badRecordsSchema(), options, {
    form: "parseSingleExample(features, { onBadRecord: 'skip' })",
  });
  const parser = createExampleParser(features);
  return parseRecords('parseSingleExample', badRecords, {
    single: (record, index) => parser.parseSingle(record, index),
  });
}
