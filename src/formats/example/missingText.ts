import { quoteNames } from '../../base/showValue.js';
import { messageKeys } from '../protobuf/messageKeys.js';
import type { WireReader } from '../protobuf/wireReader.js';

export type ExampleMessage = 'tf.train.Example' | 'tf.train.SequenceExample';

export const REQUIRED_REMEDY = 'to accept such records, remove allowMissing: false';

export const DECLARE_DEFAULT = 'if the feature may be missing, declare a default value';

const FEATURE_KEYS = [1, 1, 1];
const SEQUENCE_KEYS = [2, 1, 1];

/** Returns the part of an error message after the words "the record". */
export function missingText(wire: WireReader, name: string, remedy: string): string {
  const features = messageKeys(wire.bytes, FEATURE_KEYS);
  const sequences = messageKeys(wire.bytes, SEQUENCE_KEYS);
  const isMisread = sequences.length > 0 && wire.expected === 'tf.train.Example';
  const found = [...named('', features), ...named(isMisread ? 'the sequences ' : '', isMisread ? sequences : [])];
  if (isMisread) return `is a tf.train.SequenceExample with ${found.join(' and ')}: use parseSequenceExample`;
  if (sequences.includes(name)) return 'contains a sequence with this name: declare the feature under "sequence"';
  if (features.includes(name)) return `contains this feature without a list of values: ${remedy}`;
  if (found.length === 0) return `contains no features${wire.doubt()}; ${remedy}`;
  return `lacks this feature, and contains ${found.join(' and ')}: ${remedy}`;
}

export function missingSequenceText(wire: WireReader, remedy: string): string {
  const features = messageKeys(wire.bytes, FEATURE_KEYS);
  const sequences = messageKeys(wire.bytes, SEQUENCE_KEYS);
  if (sequences.length > 0) return `lacks this sequence, and contains ${quoteNames(sequences)}: ${remedy}`;
  if (features.length === 0) return `contains no features and no sequences${wire.doubt()}; ${remedy}`;
  const has = `contains the features ${quoteNames(features)} and no sequences`;
  return `${has}: if the record is a tf.train.Example, use parseExample; otherwise, ${remedy}`;
}

function named(what: string, names: readonly string[]): string[] {
  return names.length > 0 ? [what + quoteNames(names)] : [];
}
