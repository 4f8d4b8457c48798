import assert from 'node:assert/strict';
import { FormatError } from '../../../src/base/errors.js';
import { createExampleListParser } from '../../../src/formats/example/exampleListParser.js';
import type { Features } from '../../../src/formats/example/features.js';
import { ExampleWriter } from '../../formats/reference/drawExample.js';
import { keysOf, parseColumn } from '../../formats/reference/parseColumns.js';
import { readFeatures } from '../../formats/reference/readExample.js';
import { messagesIn } from '../../formats/reference/wireFields.js';
import { columnText } from '../../formats/reference/columnText.js';
import { fixtureJson, fromBase64 } from '../../formats/support/fixtures.js';
import { field } from '../../formats/support/wire.js';
import { poisonedChunks, type Draw } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { bytesIn, referenceText, type Parsed } from './exampleTarget.js';

const FEATURES: readonly Features[] = [
  { a: { kind: 'ragged', dtype: 'int64' } },
  { a: { kind: 'varLen', dtype: 'bytes' }, b: { kind: 'fixedLen', shape: [], dtype: 'float32', default: 0.5 } },
];
const PARSERS = FEATURES.flatMap((context) =>
  FEATURES.map((examples) => ({ context, examples, parser: createExampleListParser({ context, examples }) })),
);

function drawList(draw: Draw): Uint8Array {
  const writer = new ExampleWriter({ draw, isDamaged: draw(3) === 0 });
  return Uint8Array.from(Array.from({ length: draw(4) }, () => field(1 + draw(2), writer.example())).flat());
}

const golden = fixtureJson('values/lists.json') as { readonly serialized: readonly string[] }[];

/** TensorFlow Ranking's `ExampleListWithContext`s against a reference. */
export const exampleListTarget: FuzzTarget = {
  name: 'ExampleList',
  weight: 2,
  seeds: golden.flatMap(({ serialized }) => serialized.map(fromBase64)).filter(({ length }) => length < 300),
  generate: drawList,
  run: (input, draw) => {
    const { context, examples, parser } = PARSERS[draw(PARSERS.length)]!;
    const poisoned = poisonedChunks(input, [], draw);
    const [record] = poisoned.chunks as [Uint8Array];
    const expected = referenceText(() => {
      const lists = messagesIn(record, 1).map((example) => readFeatures(example, keysOf(examples)));
      const query = readFeatures(messagesIn(record, 2).at(-1) ?? new Uint8Array(0), keysOf(context));
      return [
        ...Object.entries(context).map(
          ([name, each]) => [`context ${name}`, parseColumn(name, each, [query], true)] as const,
        ),
        ...Object.entries(examples).map(
          ([name, each]) => [`example ${name}`, parseColumn(name, each, lists, false)] as const,
        ),
      ];
    });
    let found: string | undefined;
    try {
      const parsed = parser.parseSingle(record);
      const parts = { context: parsed.context, example: parsed.examples } as Record<string, Record<string, Parsed>>;
      found = referenceText(() =>
        Object.entries(parts).flatMap(([part, values]) =>
          Object.entries(values).map(([name, value]) => [`${part} ${name}`, columnText(value)] as const),
        ),
      );
      Object.values(parts).flatMap(bytesIn).forEach(poisoned.assertInside);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      assert.ok(error.byteOffset >= 0 && error.byteOffset <= record.length, `offset ${error.byteOffset}`);
    }
    assert.equal(found, expected);
    poisoned.assertUntouched();
  },
};
