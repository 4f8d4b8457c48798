import assert from 'node:assert/strict';
import {
  createSequenceExampleParser,
  type SequenceExampleParser,
} from '../../../src/formats/example/sequenceExampleParser.js';
import type { SequenceFeature, SequenceFeatures } from '../../../src/formats/example/parsedSequences.js';
import type { NDArray } from '../../../src/arrays/ndarray.js';
import type { Features } from '../../../src/formats/example/features.js';
import { ExampleWriter, NAMES } from '../../formats/reference/drawExample.js';
import { keysOf, parseColumn, type Row } from '../../formats/reference/parseColumns.js';
import { keyOf, readEntries, readFeature, readFeatures, readList } from '../../formats/reference/readExample.js';
import { messagesIn, NoMessage } from '../../formats/reference/wireFields.js';
import { fixtureJson, fromBase64 } from '../../formats/support/fixtures.js';
import { poisonedChunks, type Draw } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { bytesIn, parsedText, referenceText, type Parsed } from './exampleTarget.js';

const CONTEXTS: readonly Features[] = [
  {},
  { a: { kind: 'varLen', dtype: 'int64' } },
  { b: { kind: 'fixedLen', shape: [], dtype: 'float32', default: 0 } },
];
const SEQUENCES: readonly SequenceFeature[] = [
  { kind: 'fixedLenSequence', shape: [], dtype: 'int64' },
  { kind: 'fixedLenSequence', shape: [], dtype: 'int64', allowMissing: true },
  { kind: 'fixedLenSequence', shape: [2], dtype: 'float32' },
  { kind: 'fixedLenSequence', shape: [], dtype: 'bytes' },
  { kind: 'varLen', dtype: 'int64', as: 'int32' },
  { kind: 'varLen', dtype: 'bytes' },
  { kind: 'ragged', dtype: 'int64' },
  { kind: 'ragged', dtype: 'int64', allowMissing: false },
  { kind: 'ragged', dtype: 'float32' },
  { kind: 'raw', shape: [2], dtype: 'uint8' },
];

interface Asked {
  readonly features: SequenceFeatures;
  readonly parser: SequenceExampleParser<SequenceFeatures>;
}

const ASKED: readonly Asked[] = CONTEXTS.flatMap((context) =>
  NAMES.slice(0, 4).flatMap((name) =>
    SEQUENCES.map((sequence) => {
      const features = { context, sequence: Object.fromEntries([[name, sequence]]) };
      return { features, parser: createSequenceExampleParser(features) };
    }),
  ),
);

/** Returns the steps of a sequence, or none if the sequence may be missing and is missing. */
function stepsOf(record: Uint8Array, name: string, feature: SequenceFeature): Row[] {
  const lists = messagesIn(record, 2).flatMap((featureLists) => readEntries(featureLists, 1));
  const entry = lists.filter(({ key }) => key === keyOf(name)).at(-1);
  const allowMissing =
    feature.kind !== 'raw' &&
    feature.kind !== 'tensor' &&
    (feature.allowMissing ?? feature.kind !== 'fixedLenSequence');
  if (!entry && !allowMissing) throw new NoMessage('a sequence is missing');
  const list = entry?.value ?? new Uint8Array(0);
  return messagesIn(list, 1).map((feature) => {
    const read = readFeature(feature);
    if (!read) return new Map();
    const values = () => readList(read.kind, read.list);
    return new Map([
      [
        keyOf(name),
        {
          kind: read.kind,
          get values() {
            return values();
          },
        },
      ],
    ]);
  });
}

/** In a single record, a sequence has no padding: each step must have one element. */
function sequenceText(name: string, feature: SequenceFeature, steps: readonly Row[]): string {
  if (feature.kind !== 'fixedLenSequence') return parseColumn(name, feature, steps, false);
  const { shape, dtype, as } = feature;
  return parseColumn(name, { kind: 'fixedLen', shape, dtype, as }, steps, false);
}

const golden = fixtureJson('example/sequence_cases.json') as { readonly serialized: string }[];

function askedFor(draw: Draw): Asked {
  return ASKED[draw(ASKED.length)]!;
}

/** `tf.train.SequenceExample`s against a reference. */
export const sequenceExampleTarget: FuzzTarget = {
  name: 'SequenceExample',
  weight: 3,
  seeds: golden.map(({ serialized }) => fromBase64(serialized)),
  generate: (draw) => new ExampleWriter({ draw, isDamaged: draw(2) === 0 }).sequenceExample(),
  run: (input, draw) => {
    const { features, parser } = askedFor(draw);
    const { context, sequence } = features;
    const poisoned = poisonedChunks(input, [], draw);
    const [record] = poisoned.chunks as [Uint8Array];
    const expected = referenceText(() => {
      const row = readFeatures(record, keysOf(context));
      return [
        ...Object.entries(context).map(
          ([name, feature]) => [`context ${name}`, parseColumn(name, feature, [row], true)] as const,
        ),
        ...Object.entries(sequence).map(
          ([name, feature]) =>
            [`sequence ${name}`, sequenceText(name, feature, stepsOf(record, name, feature))] as const,
        ),
      ];
    });
    let bytes: Uint8Array[] = [];
    const found = parsedText([record], () => {
      const parsed = parser.parseSingle(record) as unknown as Record<'context' | 'sequence', Record<string, Parsed>>;
      bytes = [...bytesIn(parsed.context), ...bytesIn(parsed.sequence)];
      return Object.fromEntries(
        (['context', 'sequence'] as const).flatMap((part) =>
          Object.entries(parsed[part]).map(([name, value]) => [`${part} ${name}`, value]),
        ),
      );
    });
    assert.equal(found, expected, JSON.stringify(features));
    // A batch has the same values as its records. So it is sound if they are, and has as many steps.
    const inBatch = parsedText([record, record], () => {
      const { lengths, sequence: batched } = parser.parseBatch([record, record]);
      for (const [sequenceName, { data }] of Object.entries(lengths as Record<string, NDArray<'int64'>>)) {
        assert.equal(data[0], data[1]);
        const [rows, steps] = (batched[sequenceName] as NDArray).shape;
        assert.deepEqual([rows, steps], [2, Number(data[0])]);
      }
      return {};
    });
    assert.equal(inBatch === undefined, expected === undefined, 'a batch');
    bytes.forEach(poisoned.assertInside);
    poisoned.assertUntouched();
  },
};
