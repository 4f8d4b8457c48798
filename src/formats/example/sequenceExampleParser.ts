import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { ConfigError } from '../../base/errors.js';
import { isNDArray } from '../../arrays/ndarray.js';
import { requireBatch } from '../../base/requireBytes.js';
import { setProperty } from '../../base/setProperty.js';
import { parseOptions } from '../../base/parseOptions.js';
import type { Column } from './column.js';
import { createColumn } from './createColumn.js';
import { REQUIRED_REMEDY } from './missingText.js';
import { DEFAULT_OPTIONS } from './featureDefault.js';
import { StepIndex, type SelectedSequence } from './stepIndex.js';
import { batchOfSteps, lengthsOf } from './batchOfSteps.js';
import type { ParsedSequenceExample, ParsedSequenceExamples, SequenceFeatures } from './parsedSequences.js';
import { exampleParserOf } from './exampleParser.js';
import type { Feature, FixedLenSequenceFeature } from './features.js';
import { featuresSchema } from './featureSchema.js';
import { requireFeatures } from '../protobuf/requireFeatures.js';

/**
 * A parser of `tf.train.SequenceExample`s. Its methods throw a FormatError with feature and byte offset in the record.
 */
export interface SequenceExampleParser<F extends SequenceFeatures> {
  /** Parses one record, like `tf.io.parse_single_sequence_example`. */
  parseSingle(record: Uint8Array, recordIndex?: number): ParsedSequenceExample<F>;
  /** Parses a batch, like `tf.io.parse_sequence_example`. Errors count records from `firstRecordIndex` (default: 0). */
  parseBatch(records: readonly Uint8Array[], firstRecordIndex?: number): ParsedSequenceExamples<F>;
}

const SEQUENCE_KINDS = ['fixedLenSequence', 'varLen', 'ragged', 'raw', 'tensor'];

const requiredFeatures = (name: string) =>
  z
    .unknown()
    .refine((features) => features !== undefined, {
      abort: true,
      error: `expected an object of features by name, found nothing: if the records have no such features, set ${name}: {}`,
    })
    .pipe(featuresSchema());

const argumentsSchema = lazy(() =>
  z.strictObject({
    context: requiredFeatures('context'),
    sequence: requiredFeatures('sequence'),
  }),
);

/**
 * Makes a parser that reads serialized `tf.train.SequenceExample`s into typed arrays.
 *
 * ```ts
 * import { createSequenceExampleParser, fixedLenFeature, fixedLenSequenceFeature } from 'millrace/formats';
 *
 * const parser = createSequenceExampleParser({
 *   context: { label: fixedLenFeature([], 'int64') },
 *   sequence: { audio: fixedLenSequenceFeature([16], 'float32') },
 * });
 *
 * const shapeOf = (record: Uint8Array) => parser.parseSingle(record).sequence.audio.shape; // [steps, 16]
 * ```
 *
 * Returns the same arrays as the operator `parseSequenceExample`. The sequences of one record may differ in length.
 *
 * @throws ConfigError if a feature is not valid, or if there are no features.
 */
export function createSequenceExampleParser<const F extends SequenceFeatures>(features: F): SequenceExampleParser<F> {
  const parsed = parseOptions('parseSequenceExample', argumentsSchema(), features, { isMap: true });
  requireFeatures('parseSequenceExample', parsed.context.size + parsed.sequence.size);
  const context = exampleParserOf('tf.train.SequenceExample', features.context);
  const sequences = [...parsed.sequence].map(([name, feature], key) => planSequence(name, feature, key));
  const index = new StepIndex(sequences.map(({ name }) => name));

  function parse(records: readonly Uint8Array[], firstIndex: number, single: boolean): unknown {
    const [record = new Uint8Array(0)] = records;
    const parsedContext = single ? context.parseSingle(record, firstIndex) : context.parseBatch(records, firstIndex);
    const parsed = { context: parsedContext, sequence: {}, ...(single ? {} : { lengths: {} }) };
    try {
      index.build(records, firstIndex);
      for (const plan of sequences) {
        index.select(plan);
        const steps = plan.column.read(index, false);
        setProperty(parsed.sequence, plan.name, single ? steps : batchOfSteps(steps, index.rowSplits));
        if (isNDArray(steps) && parsed.lengths) setProperty(parsed.lengths, plan.name, lengthsOf(index.rowSplits));
      }
      return parsed;
    } finally {
      index.clear();
    }
  }
  return {
    parseSingle: (record, recordIndex = 0) => parse([record], recordIndex, true) as ParsedSequenceExample<F>,
    parseBatch: (records, firstRecordIndex = 0) => {
      requireBatch('parseBatch', records);
      return parse(records, firstRecordIndex, false) as ParsedSequenceExamples<F>;
    },
  };
}

interface SequencePlan extends SelectedSequence {
  readonly column: Column;
}

function planSequence(name: string, feature: Feature, key: number): SequencePlan {
  const path = `sequence.${name}`;
  if (feature.kind === 'fixedLen' || feature.kind === 'sparse') {
    const expected = `expected one of ${SEQUENCE_KINDS.join(', ')}, found ${feature.kind}`;
    throw new ConfigError(`parseSequenceExample: ${path}.kind: ${expected}`, { path: `${path}.kind` });
  }
  const option = (['valueKey', 'partitions'] as const).find((key) => key in feature);
  if (option) {
    const message =
      'parseSequenceExample supports this option only for features of the context, not for those of the sequence';
    throw new ConfigError(`parseSequenceExample: ${path}.${option}: ${message}`, { path: `${path}.${option}` });
  }
  const given = DEFAULT_OPTIONS.find((option) => (feature as FixedLenSequenceFeature)[option] !== undefined);
  if (given !== undefined) {
    const message =
      'parseSequenceExample does not support defaults in sequences, and pads with 0 or empty bytes, like TensorFlow';
    throw new ConfigError(`parseSequenceExample: ${path}.${given}: ${message}`, { path: `${path}.${given}` });
  }
  if (feature.kind === 'raw' || feature.kind === 'tensor') {
    return {
      name,
      key,
      column: createColumn(name, feature, () => key),
      isEachRequired: true,
      remedy: `a ${feature.kind} sequence must be in every record`,
    };
  }
  if (feature.kind !== 'fixedLenSequence') {
    const remedy = feature.allowMissing === false ? REQUIRED_REMEDY : undefined;
    const column = createColumn(name, { ...feature, allowMissing: true }, () => key);
    return { name, key, column, isEachRequired: false, remedy };
  }
  const { shape, dtype, as, allowMissing = false } = feature;
  const column = createColumn(name, { kind: 'fixedLen', shape, dtype, as }, () => key);
  return {
    name,
    key,
    column,
    isEachRequired: true,
    remedy: allowMissing ? undefined : 'if the sequence may be missing, set allowMissing: true',
  };
}
