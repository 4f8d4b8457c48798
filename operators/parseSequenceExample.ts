import type { OperatorFunction } from 'rxjs';
import { badRecordsSchema, type BadRecordOptions } from './shared/badRecords.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { parseRecords } from './shared/parseRecords.js';
import {
  createSequenceExampleParser,
  type ParsedSequenceExample,
  type SequenceFeatures,
} from '../src/formats/example/sequenceExampleParser.js';

/**
 * Parses serialized `tf.train.SequenceExample`s one by one, like `tf.io.parse_single_sequence_example`.
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
 * In a sequence, the first axis is the step. `fixedLenSequence` and `raw` features become dense arrays. `ragged`
 * features become ragged arrays. `varLen` features become sparse arrays, with value i of step s at index `[s, i]`. To
 * batch records of different lengths, use `paddedBatch`. Numbers are copied. `bytes` are views on the record.
 *
 * If `allowMissing` is false, a missing sequence is an error. Otherwise, it has no steps. The default is false for
 * `fixedLenSequence`, and true for `varLen` and `ragged`, as in TensorFlow. A missing `raw` sequence is always an
 * error.
 *
 * The Observable fails with a FormatError that names the feature if a record is bad.
 *
 * @param features - the features of `context` and `sequence` to parse, by name. Other features are skipped.
 * @see https://www.tensorflow.org/api_docs/python/tf/io/parse_single_sequence_example
 */
export function parseSequenceExample<const F extends SequenceFeatures>(
  features: F,
  options: BadRecordOptions = {},
): OperatorFunction<Uint8Array, ParsedSequenceExample<F>> {
  const badRecords = parseOptions('parseSequenceExample', badRecordsSchema, options, {
    form: "parseSequenceExample(features, { onBadRecord: 'skip' })",
  });
  const parser = createSequenceExampleParser(features);
  return parseRecords('parseSequenceExample', badRecords, {
    single: (record, index) => parser.parseSingle(record, index),
  });
}
