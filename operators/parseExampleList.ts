import type { Observable, OperatorFunction } from 'rxjs';
import { badRecordsSchema, type BadRecordOptions } from './shared/badRecords.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { parseRecords } from './shared/parseRecords.js';
import { createExampleListParser } from '../src/formats/example/exampleListParser.js';
import type {
  ExampleListFeatures,
  ParsedExampleList,
  ParsedExampleLists,
} from '../src/formats/example/parsedExampleLists.js';

/**
 * Parses serialized `ExampleListWithContext`s (ELWC), or batches of them, like `parse_from_example_list` of TensorFlow
 * Ranking.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { fixedLenFeature } from 'millrace/formats';
 * import { batch, decodeTFRecord, parseExampleList } from 'millrace/operators';
 *
 * const queries$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   batch(32),
 *   parseExampleList({
 *     context: { query: fixedLenFeature([8], 'float32') },
 *     examples: {
 *       document: fixedLenFeature([16], 'float32', { default: 0 }),
 *       relevance: fixedLenFeature([], 'int64', { default: -1 }),
 *     },
 *   }),
 * ); // context.query: [32, 8], examples.document: [32, longest list, 16], sizes: [32]
 * ```
 *
 * Lists are padded to the longest list of the batch, or to `listSize`, with empty Examples. So each `fixedLen` feature
 * of `examples` needs a default if lists differ in length. Numbers are copied. `bytes` are views on the record.
 *
 * Fails with a FormatError that names the example and the feature, if a record is bad.
 *
 * @param features - the features of `context` and `examples` to parse, by name, and `listSize`.
 * @see https://www.tensorflow.org/ranking/api_docs/python/tfr/data/parse_from_example_list
 */
export function parseExampleList<const F extends ExampleListFeatures>(
  features: F,
  options?: BadRecordOptions,
): <R extends Uint8Array | readonly Uint8Array[]>(
  records: Observable<R>,
) => Observable<R extends readonly Uint8Array[] ? ParsedExampleLists<F> : ParsedExampleList<F>>;
export function parseExampleList(
  features: ExampleListFeatures,
  options: BadRecordOptions = {},
): OperatorFunction<Uint8Array | readonly Uint8Array[], unknown> {
  const badRecords = parseOptions('parseExampleList', badRecordsSchema(), options, {
    form: "parseExampleList(features, { onBadRecord: 'skip' })",
  });
  const parser = createExampleListParser(features);
  return parseRecords<Uint8Array, unknown>('parseExampleList', badRecords, {
    single: (record, index) => parser.parseSingle(record, index),
    batch: (records, firstIndex) => parser.parseBatch(records, firstIndex),
  });
}
