import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { ConfigError } from '../../base/errors.js';
import { showValue } from '../../base/showValue.js';
import { encodeExample, type FeatureValues } from './encodeExample.js';
import { requireNames } from '../protobuf/requireNames.js';

/*
 * Every field here is length-delimited, so its tag is: number << 3 | 2. The messages are in
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/example/example.proto
 */
const FIELD_1 = (1 << 3) | 2;
const FIELD_2 = (2 << 3) | 2;

/** What a `tf.train.SequenceExample` holds. */
export interface SequenceExampleValues {
  /** What holds for the whole record, by name. Default: nothing. */
  readonly context?: Readonly<Record<string, FeatureValues>> | undefined;
  /** The values of each step, by name. */
  readonly sequence: Readonly<Record<string, readonly FeatureValues[]>>;
}

/**
 * One `tf.train.SequenceExample`, serialized: what `createSequenceExampleParser` reads.
 *
 * ```ts
 * import { encodeSequenceExample, encodeTFRecord } from 'millrace/formats';
 *
 * const record = encodeTFRecord(
 *   encodeSequenceExample({
 *     context: { label: { int64List: [1] } },
 *     sequence: { tokens: [7, 8, 9].map((token) => ({ int64List: [token] })) },
 *   }),
 * );
 * ```
 *
 * Names and steps are written in the order given, lists packed; so the same input gives the same bytes.
 *
 * @throws ConfigError at a value that its list cannot hold; the path leads to it.
 * @see {@link https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/example/example.proto | example.proto}
 */
export function encodeSequenceExample(values: SequenceExampleValues): Uint8Array {
  requireNames('encodeSequenceExample', values, 'values');
  const { context = {}, sequence } = values;
  requireNames('encodeSequenceExample', sequence, 'sequence');
  const writer = new BinaryWriter();
  // An Example is a SequenceExample without sequences: both have their Features in field 1.
  writer.raw(encodeExample(context));
  writer.uint32(FIELD_2).fork();
  for (const [name, steps] of Object.entries(sequence)) {
    requireSteps(name, steps);
    writer.uint32(FIELD_1).fork();
    writer.uint32(FIELD_1).string(name);
    writer.uint32(FIELD_2).fork();
    for (const [step, values] of steps.entries()) {
      writer.uint32(FIELD_1).bytes(encodeFeature(`sequence.${name}[${step}]`, values));
    }
    writer.join().join();
  }
  return writer.join().finish();
}

function requireSteps(name: string, steps: unknown): void {
  if (Array.isArray(steps)) return;
  const path = `sequence.${name}`;
  throw new ConfigError(`encodeSequenceExample: ${path}: expected an array of steps, found ${showValue(steps)}`, {
    path,
  });
}

/** A Feature alone: the value of the only entry of an Example, whose name is the path that errors have. */
function encodeFeature(path: string, values: FeatureValues): Uint8Array {
  const reader = new BinaryReader(encodeExample({ [path]: values }));
  // The tags and lengths of the features and of their entry, the name with its tag, and the tag of the value.
  for (let varint = 0; varint < 5; varint++) reader.uint32();
  reader.string();
  reader.uint32();
  return reader.bytes();
}
