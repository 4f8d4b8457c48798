import { z } from 'zod';
import { ConfigError } from '../../base/errors.js';
import { parseOptions } from '../../base/parseOptions.js';
import type { Column } from './column.js';
import { createColumn } from './createColumn.js';
import { REQUIRED_REMEDY } from './missingText.js';
import { DEFAULT_OPTIONS } from './featureDefault.js';
import { StepIndex } from './stepIndex.js';
import { exampleParserOf } from './exampleParser.js';
import type {
  Feature,
  Features,
  FixedLenSequenceFeature,
  RaggedFeature,
  RawFeature,
  TensorFeature,
  VarLenFeature,
} from './features.js';
import type { ParsedFeature, ParsedSingleExample } from './parsedFeatures.js';
import { featuresSchema } from './featureSchema.js';
import { requireFeatures } from '../protobuf/requireFeatures.js';

/** A feature of each step. `shape` is the shape of one step. */
export type SequenceFeature =
  | (Omit<FixedLenSequenceFeature, 'default'> & { readonly default?: undefined })
  | VarLenFeature
  | RaggedFeature
  | (Omit<RawFeature, 'default'> & { readonly default?: undefined })
  | TensorFeature;

/** The features to read from each `tf.train.SequenceExample`. Can be plain JSON. */
export interface SequenceFeatures {
  /** The features of the whole record, by name. */
  readonly context: Features;
  /** The features of each step, by name. */
  readonly sequence: Readonly<Record<string, SequenceFeature>>;
}

/** One parsed record. The first dimension of each sequence is the number of steps. */
export interface ParsedSequenceExample<F extends SequenceFeatures> {
  readonly context: ParsedSingleExample<F['context']>;
  readonly sequence: { readonly [K in keyof F['sequence']]: ParsedFeature<F['sequence'][K]> };
}

/** A parser of `tf.train.SequenceExample`s. */
export interface SequenceExampleParser<F extends SequenceFeatures> {
  /**
   * Parses one record, like `tf.io.parse_single_sequence_example`.
   *
   * @throws FormatError with the feature and the byte offset in the record.
   */
  parseSingle(record: Uint8Array, recordIndex?: number): ParsedSequenceExample<F>;
}

const SEQUENCE_KINDS = ['fixedLenSequence', 'varLen', 'ragged', 'raw', 'tensor'];

const argumentsSchema = z.strictObject({ context: featuresSchema, sequence: featuresSchema });

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
 * The parser returns the same arrays as the operator `parseSequenceExample`. The sequences of one record may differ in
 * length.
 *
 * @throws ConfigError if a feature is not valid, or if there are no features.
 */
export function createSequenceExampleParser<const F extends SequenceFeatures>(features: F): SequenceExampleParser<F> {
  const parsed = parseOptions('parseSequenceExample', argumentsSchema, features, { isMap: true });
  requireFeatures('parseSequenceExample', parsed.context.size + parsed.sequence.size);
  const context = exampleParserOf('tf.train.SequenceExample', features.context);
  const sequences = [...parsed.sequence].map(([name, feature], key) => planSequence(name, feature, key));
  const index = new StepIndex(sequences.map(({ name }) => name));

  function parseSingle(record: Uint8Array, recordIndex = 0): unknown {
    const parsedContext = context.parseSingle(record, recordIndex);
    try {
      index.build([record], recordIndex);
      const values = sequences.map(({ name, column, isEachRequired, remedy }, key) => {
        index.select(key, isEachRequired);
        if (remedy !== undefined && !index.isPresent) index.failMissingSequence(name, remedy);
        return [name, column.read(index, false)] as const;
      });
      return { context: parsedContext, sequence: Object.fromEntries(values) };
    } finally {
      index.clear();
    }
  }
  return { parseSingle: (record, recordIndex) => parseSingle(record, recordIndex) as ParsedSequenceExample<F> };
}

interface SequencePlan {
  readonly name: string;
  readonly column: Column;
  readonly isEachRequired: boolean;
  readonly remedy: string | undefined;
}

function planSequence(name: string, feature: Feature, key: number): SequencePlan {
  const path = `sequence.${name}`;
  if (feature.kind === 'fixedLen' || feature.kind === 'sparse') {
    const expected = `expected one of ${SEQUENCE_KINDS.join(', ')}, found ${feature.kind}`;
    throw new ConfigError(`parseSequenceExample: ${path}.kind: ${expected}`, { path: `${path}.kind` });
  }
  const given = DEFAULT_OPTIONS.find((option) => (feature as FixedLenSequenceFeature)[option] !== undefined);
  if (given !== undefined) {
    const message = 'has no effect, because parseSequenceExample does not pad single records';
    throw new ConfigError(`parseSequenceExample: ${path}.${given}: ${message}`, { path: `${path}.${given}` });
  }
  if (feature.kind === 'raw' || feature.kind === 'tensor') {
    return {
      name,
      column: createColumn(name, feature, () => key),
      isEachRequired: true,
      remedy: `a ${feature.kind} sequence must be in every record`,
    };
  }
  if (feature.kind !== 'fixedLenSequence') {
    const remedy = feature.allowMissing === false ? REQUIRED_REMEDY : undefined;
    const column = createColumn(name, { ...feature, allowMissing: true }, () => key);
    return { name, column, isEachRequired: false, remedy };
  }
  const { shape, dtype, as, allowMissing = false } = feature;
  const column = createColumn(name, { kind: 'fixedLen', shape, dtype, as }, () => key);
  return {
    name,
    column,
    isEachRequired: true,
    remedy: allowMissing ? undefined : 'if the sequence may be missing, set allowMissing: true',
  };
}
