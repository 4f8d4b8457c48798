import { createExampleParser } from '../../src/formats/example/exampleParser.js';
import type { Feature, Features } from '../../src/formats/example/features.js';
import { createSequenceExampleParser } from '../../src/formats/example/sequenceExampleParser.js';
import type { SequenceFeature } from '../../src/formats/example/parsedSequences.js';
import { columnText } from '../formats/reference/columnText.js';
import { ExampleWriter, NAMES } from '../formats/reference/drawExample.js';
import { mutated } from '../fuzz/mutations.js';
import type { Draw } from '../support/poisonedChunks.js';
import { drawWrittenExample, drawWrittenSequenceExample } from './drawValues.js';
import { hasFeatureWithoutList, hasListInParts, isOrdinaryExample, isOrdinarySequenceExample } from './isOrdinary.js';
import { FAILURE, type Difference, type Input, type Kind } from './trial.js';

/** The number of inputs for each parser. */
const INPUTS = 16;

const FEATURES: readonly Feature[] = [
  { kind: 'fixedLen', shape: [], dtype: 'int64' },
  { kind: 'fixedLen', shape: [], dtype: 'int64', default: -1 },
  { kind: 'fixedLen', shape: [2], dtype: 'int64', default: 7 },
  { kind: 'fixedLen', shape: [2, 1], dtype: 'float32', default: 0.5 },
  { kind: 'fixedLen', shape: [], dtype: 'float32' },
  { kind: 'fixedLen', shape: [], dtype: 'bytes' },
  { kind: 'varLen', dtype: 'int64' },
  { kind: 'varLen', dtype: 'float32' },
  { kind: 'varLen', dtype: 'bytes' },
  { kind: 'fixedLenSequence', shape: [2], dtype: 'float32', default: -1 },
  { kind: 'fixedLenSequence', shape: [], dtype: 'bytes' },
  { kind: 'fixedLenSequence', shape: [], dtype: 'float32' },
  { kind: 'fixedLenSequence', shape: [1, 2], dtype: 'int64' },
  { kind: 'ragged', dtype: 'int64' },
  { kind: 'ragged', dtype: 'bytes' },
  { kind: 'ragged', dtype: 'float32' },
  { kind: 'sparse', indexKey: 'a', valueKey: 'b', dtype: 'float32', size: 10 },
  { kind: 'sparse', indexKey: 'b', valueKey: 'a', dtype: 'bytes', size: 10 },
  { kind: 'sparse', indexKey: ['a', 'b'], valueKey: 'constructor', dtype: 'int64', size: [3, 10] },
];
/** TensorFlow supports the other kinds only in Examples. */
const CONTEXTS = FEATURES.filter(({ kind }) => kind !== 'sparse' && kind !== 'fixedLenSequence');
const SEQUENCES: readonly SequenceFeature[] = [
  { kind: 'fixedLenSequence', shape: [], dtype: 'int64' },
  { kind: 'fixedLenSequence', shape: [2], dtype: 'float32' },
  { kind: 'fixedLenSequence', shape: [], dtype: 'bytes' },
  { kind: 'varLen', dtype: 'int64' },
  { kind: 'varLen', dtype: 'float32' },
  { kind: 'varLen', dtype: 'bytes' },
  { kind: 'ragged', dtype: 'int64' },
  { kind: 'ragged', dtype: 'bytes' },
];

/** Draws up to two features whose names occur in records. In TensorFlow, a sparse feature cannot share a name. */
function drawFeatures<F extends Feature | SequenceFeature>(draw: Draw, features: readonly F[], least: number) {
  const entries = Array.from({ length: least + draw(3 - least) }, () => {
    return [NAMES[draw(NAMES.length)]!, features[draw(features.length)]!] as const;
  });
  const sparse = entries.find(([, { kind }]) => kind === 'sparse');
  return Object.fromEntries(sparse ? [sparse] : entries) as Record<string, F>;
}

/** How records are made: as this package writes them, or in any way that protobuf allows. */
interface Writing {
  readonly written: () => Uint8Array;
  readonly inAnyWay: (writer: ExampleWriter) => Uint8Array;
  /** Returns true if a library may write this record. */
  readonly isOrdinary: (record: Uint8Array) => boolean;
}

/** Draws a record. In one of eight, some bytes are changed or the end is missing. */
function drawRecord(draw: Draw, { written, inAnyWay, isOrdinary }: Writing): Uint8Array {
  const record = draw(3) > 0 ? written() : inAnyWay(new ExampleWriter({ draw, isDamaged: false }));
  if (draw(8) > 0) return record;
  const changed = mutated(record, { draw, other: record, mutate: undefined });
  // With a wrong length inside a list, TensorFlow 2.21 reads and writes outside its memory.
  return isOrdinary(changed) ? changed : record.subarray(0, draw(record.length + 1));
}

/** The two sides may disagree on whether unusual bytes are valid. If both read the bytes, the results must be equal. */
function nameDifference({ input, ours, theirs }: Difference, isOrdinary: (record: Uint8Array) => boolean) {
  if (input.some(hasFeatureWithoutList)) return 'a feature without a list, which is as good as missing here';
  if (input.every(isOrdinary)) return undefined;
  if (ours === FAILURE) return 'bytes that no library writes, refused here';
  if (theirs === FAILURE) return 'bytes that no library writes, read here';
  return input.some(hasListInParts) ? 'a list in several packed parts, all of them read here' : undefined;
}

/** In a batch, TensorFlow compares only the total numbers of indices and values. */
function pairsAcrossRecords({ trial: { question }, input, ours }: Difference): boolean {
  const isSparse = Object.values((question['features'] ?? {}) as Features).some(({ kind }) => kind === 'sparse');
  return question.op === 'parseExample' && isSparse && input.length > 1 && ours === FAILURE;
}

const inputs = (make: () => Input): readonly Input[] => Array.from({ length: INPUTS }, make);

/** Returns the text that `oracle.py` makes of parsed features, in the order of the request. */
function textOf(parsed: object, names: readonly string[]): string {
  const values = new Map(Object.entries(parsed) as [string, Parameters<typeof columnText>[0]][]);
  return names.map((name) => `${JSON.stringify(name)} ${columnText(values.get(name)!)}`).join('\n');
}

/** `tf.io.parse_single_example` and `tf.io.parse_example`. */
export const exampleKind: Kind = {
  draw: (draw) => {
    const features: Features = drawFeatures(draw, FEATURES, 1);
    const names = Object.keys(features);
    const parser = createExampleParser(features);
    const writing: Writing = {
      written: () => drawWrittenExample(draw, features),
      inAnyWay: (writer) => writer.example(),
      isOrdinary: isOrdinaryExample,
    };
    const drawOne = () => drawRecord(draw, writing);
    if (draw(2) === 0) {
      return {
        question: { op: 'parseSingleExample', features },
        inputs: inputs(() => [drawOne()]),
        read: ([record]) => textOf(parser.parseSingle(record!), names),
      };
    }
    return {
      question: { op: 'parseExample', features },
      inputs: inputs(() => Array.from({ length: 1 + draw(3) }, drawOne)),
      read: (records) => textOf(parser.parseBatch(records), names),
    };
  },
  nameDifference: (difference) =>
    pairsAcrossRecords(difference)
      ? "values of a sparse feature under another record's indices: an error here"
      : nameDifference(difference, isOrdinaryExample),
};

/** `tf.io.parse_single_sequence_example`. */
export const sequenceExampleKind: Kind = {
  draw: (draw) => {
    const context: Features = drawFeatures(draw, CONTEXTS, 0);
    const sequence = drawFeatures(draw, SEQUENCES, 1);
    const writing: Writing = {
      written: () => drawWrittenSequenceExample(draw, context, sequence),
      inAnyWay: (writer) => writer.sequenceExample(),
      isOrdinary: isOrdinarySequenceExample,
    };
    const parser = createSequenceExampleParser({ context, sequence });
    return {
      question: { op: 'parseSequenceExample', context, sequence },
      inputs: inputs(() => [drawRecord(draw, writing)]),
      read: ([record]) => {
        const parsed = parser.parseSingle(record!);
        return `${textOf(parsed.context, Object.keys(context))}\n${textOf(parsed.sequence, Object.keys(sequence))}`;
      },
    };
  },
  nameDifference: (difference) => nameDifference(difference, isOrdinarySequenceExample),
};
