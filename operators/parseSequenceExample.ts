import type { Observable, OperatorFunction } from 'rxjs';
import { badRecordsSchema, type BadRecordOptions } from './shared/badRecords.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { parseRecords } from './shared/parseRecords.js';
import { createSequenceExampleParser } from '../src/formats/example/sequenceExampleParser.js';
import type { SequenceFeatures } from '../src/formats/example/parsedSequences.js';
import type { ParsedSequenceExample, ParsedSequenceExamples } from '../src/formats/example/parsedSequences.js';

/**
 * Parses serialized `tf.train.SequenceExample`s, like `tf.io.parse_single_sequence_example`, or batches of them, like
 * `tf.io.parse_sequence_example`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { fixedLenFeature, fixedLenSequenceFeature } from 'millrace/formats';
 * import { decodeTFRecord, parseSequenceExample } from 'millrace/operators';
 *
 * const clips$ = channel('train').pipe(
 *   decodeTFRecord(),
 *   parseSequenceExample({
 *     context: { label: fixedLenFeature([], 'int64') },
 *     sequence: { audio: fixedLenSequenceFeature([16], 'float32') },
 *   }),
 * ); // { context: { label: NDArray of shape [] }, sequence: { audio: NDArray of shape [steps, 16] } }
 * ```
 *
 * The first axis of a sequence is the step. `fixedLenSequence` and `raw` features become dense arrays. `ragged`
 * features become ragged arrays. `varLen` features become sparse arrays, with value i of step s at index `[s, i]`.
 * Numbers are copied. `bytes` are views on the record.
 *
 * The first axis of a batch is the record. Dense arrays are padded to the longest record, and `lengths` contains the
 * number of steps of each record. `ragged` features become ragged arrays of ragged arrays.
 *
 * A missing sequence is an error if `allowMissing` is false, and has no steps if `allowMissing` is true. The default is
 * false for `fixedLenSequence`, and true for `varLen` and `ragged`, as in TensorFlow. A missing `raw` sequence is
 * always an error.
 *
 * Fails with a FormatError that names the feature, if a record is bad.
 *
 * @param features - the features to parse, by name. Other features are skipped.
 * @see https://www.tensorflow.org/api_docs/python/tf/io/parse_single_sequence_example
 */
export function parseSequenceExample<const F extends SequenceFeatures>(
  features: F,
  options?: BadRecordOptions,
): <R extends Uint8Array | readonly Uint8Array[]>(
  records: Observable<R>,
) => Observable<R extends readonly Uint8Array[] ? ParsedSequenceExamples<F> : ParsedSequenceExample<F>>;
export function parseSequenceExample(
  features: SequenceFeatures,
  options: BadRecordOptions = {},
): OperatorFunction<Uint8Array | readonly Uint8Array[], unknown> {
  // The features are validated first: TensorFlow's function has features as its second argument, too.
  const parser = createSequenceExampleParser(features);
  const badRecords = parseOptions('parseSequenceExample', badRecordsSchema(), options, {
    form: "parseSequenceExample(features, { onBadRecord: 'skip' })",
  });
  return parseRecords<Uint8Array, unknown>('parseSequenceExample', badRecords, {
    single: (record, index) => parser.parseSingle(record, index),
    batch: (records, firstIndex) => parser.parseBatch(records, firstIndex),
  });
}
