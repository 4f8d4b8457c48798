import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { ConfigError } from '../../base/errors.js';
import { showValue } from '../../base/showValue.js';
import { encodeExample, type FeatureValues } from './encodeExample.js';
import { requireNames } from '../protobuf/requireNames.js';
import { tagOf, writeMapEntry } from '../protobuf/writeMapEntry.js';

/* All fields are length-delimited. `stepIndex.ts` shows the messages. */
const FIELD_1 = tagOf(1);
const FIELD_2 = tagOf(2);

/** The content of a `tf.train.SequenceExample`. */
export interface SequenceExampleValues {
  /** The features of the whole record. Default: none. */
  readonly context?: Readonly<Record<string, FeatureValues>> | undefined;
  /** The features of each step. */
  readonly sequence: Readonly<Record<string, readonly FeatureValues[]>>;
}

/**
 * Serializes one `tf.train.SequenceExample`. Lists are packed. Equal input produces equal bytes.
 *
 * ```ts
 * import { encodeSequenceExample } from 'millrace/formats';
 *
 * const record = encodeSequenceExample({
 *   context: { label: { int64List: [1] } },
 *   sequence: { tokens: [7, 8, 9].map((token) => ({ int64List: [token] })) },
 * });
 * ```
 *
 * @throws ConfigError with the path of a value that does not fit the type of its list.
 */
export function encodeSequenceExample(values: SequenceExampleValues): Uint8Array {
  requireNames('encodeSequenceExample', values, 'values');
  const { context = {}, sequence } = values;
  requireNames('encodeSequenceExample', sequence, 'sequence');
  const writer = new BinaryWriter();
  // An Example is a valid SequenceExample without sequences, because both have Features in field 1.
  writer.raw(encodeExample(context));
  writer.uint32(FIELD_2).fork();
  for (const [name, steps] of Object.entries(sequence)) {
    requireSteps(name, steps);
    writeMapEntry(writer, 1, name, () => {
      for (const [step, values] of steps.entries()) {
        writer.uint32(FIELD_1).bytes(encodeFeature(`sequence.${name}[${step}]`, values));
      }
    });
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

/** Returns the bytes of one feature. The path is its name, so errors contain it. */
function encodeFeature(path: string, values: FeatureValues): Uint8Array {
  const reader = new BinaryReader(encodeExample({ [path]: values }));
  for (let varint = 0; varint < 5; varint++) reader.uint32();
  reader.string();
  reader.uint32();
  return reader.bytes();
}
