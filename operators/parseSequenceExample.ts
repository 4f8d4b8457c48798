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
 * Parses serialized `tf.train.SequenceExample`s one by one: `tf.io.parse_single_sequence_example`.
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
 * Of a sequence, `fixedLenSequence` and `raw` become an array whose first dimension is the steps, `varLen` a sparse array
 * with value i of step s at `[s, i]`, `ragged` one row for each step. To batch records of different lengths, pad them
 * first.
 *
 * As in TensorFlow, a record that lacks a `fixedLenSequence` is an error, unless it has `allowMissing: true`. A record
 * that lacks a `varLen` or `ragged` has no steps of it; with `allowMissing: false` it is an error.
 *
 * Numbers are copied into fresh arrays; values of dtype `bytes` are views on the record. Order is kept.
 *
 * Throws a ConfigError at the call for features that make no sense. Notifies a FormatError that names the feature, with
 * the index of the record in this subscription and the byte offset within it; `onBadRecord` may leave that record out.
 *
 * @param features - what is asked for of the `context` and of the `sequence`, by name; other names are skipped.
 * @param options - `onBadRecord`, default `'fail'`; `maxBadRecords`.
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
