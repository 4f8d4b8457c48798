import fc from 'fast-check';
import { ConfigError } from '../../../src/base/errors.js';
import { encodeExample, type FeatureValues } from '../../../src/formats/example/encodeExample.js';
import { createExampleParser } from '../../../src/formats/example/exampleParser.js';
import type { Features } from '../../../src/formats/example/features.js';
import { fixtureJson, fromBase64 } from '../support/fixtures.js';
import { thrownBy } from '../support/thrownBy.js';
import { bytesFeature, entry, example, floatFeature, int64Feature } from '../support/wire.js';

const int64s = fc.array(
  fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n))),
);
const floats = fc.array(fc.float());
const blobs = fc.array(fc.uint8Array({ maxLength: 200 }));

/** Names, each with a list and the feature that parses the list. */
const lists = fc.dictionary(
  fc.string({ unit: 'grapheme' }),
  fc.oneof(
    int64s.map((int64List) => ({
      values: { int64List },
      dtype: 'int64' as const,
      data: BigInt64Array.from(int64List),
    })),
    floats.map((floatList) => ({
      values: { floatList },
      dtype: 'float32' as const,
      data: Float32Array.from(floatList),
    })),
    blobs.map((bytesList) => ({ values: { bytesList }, dtype: 'bytes' as const, data: bytesList })),
  ),
);

describe('encodeExample', () => {
  it('is read again by the parser, to the last bit', () => {
    fc.assert(
      fc.property(lists, (columns) => {
        fc.pre(Object.keys(columns).length > 0);
        const record = encodeExample(
          Object.fromEntries(Object.entries(columns).map(([name, { values }]) => [name, values])),
        );
        const features: Features = Object.fromEntries(
          Object.entries(columns).map(([name, { dtype }]) => [name, { kind: 'ragged', dtype }]),
        );
        const parsed = createExampleParser(features).parseSingle(record);
        for (const [name, { data }] of Object.entries(columns)) expect(parsed[name]).toMatchObject({ data });
      }),
    );
  });

  it('writes the same bytes as TensorFlow', () => {
    const [first] = fixtureJson('example/cases.json') as { readonly serialized: readonly string[] }[];
    const golden = fromBase64(first!.serialized[0]!);
    const parser = createExampleParser({
      data: { kind: 'fixedLen', shape: [], dtype: 'bytes' },
      labels: { kind: 'fixedLen', shape: [], dtype: 'int64' },
    });
    const { data, labels } = parser.parseSingle(golden);
    expect(encodeExample({ data: { bytesList: data.data }, labels: { int64List: labels.data } })).toEqual(golden);
  });

  it('keeps the order given, and packs numbers', () => {
    const entries = [
      entry('z', int64Feature(1n, -1n, 300n)),
      entry('a', floatFeature(1.5, -0)),
      entry('é', bytesFeature(Uint8Array.of(1), new Uint8Array(0))),
    ];
    const encoded = encodeExample({
      z: { int64List: [1, -1n, 300] },
      a: { floatList: [1.5, -0] },
      é: { bytesList: [Uint8Array.of(1), new Uint8Array(0)] },
    });
    expect(encoded).toEqual(example(...entries));
  });

  it('takes typed arrays', () => {
    const encode = (int64List: ArrayLike<number | bigint>, floatList: ArrayLike<number>) =>
      encodeExample({ i: { int64List }, f: { floatList } });
    const plain = encode([1, 2], [0.5, NaN, Infinity]);
    expect(encode(BigInt64Array.of(1n, 2n), Float32Array.of(0.5, NaN, Infinity))).toEqual(plain);
    expect(encode(Uint8Array.of(1, 2), Float64Array.of(0.5, NaN, Infinity))).toEqual(plain);
  });

  it.each([
    [{ x: { int64List: [1, 1.5] } }, 'x.int64List[1]'],
    [{ x: { int64List: [2 ** 53] } }, 'x.int64List[0]'],
    [{ x: { int64List: [2n ** 63n] } }, 'x.int64List[0]'],
    [{ x: { int64List: ['1'] } }, 'x.int64List[0]'],
    [{ x: { floatList: [0, 1e300] } }, 'x.floatList[1]'],
    [{ x: { floatList: ['1'] } }, 'x.floatList[0]'],
    [{ x: { bytesList: ['text'] } }, 'x.bytesList[0]'],
    [{ x: {} }, 'x'],
    [{ x: { int64List: [], floatList: [] } }, 'x'],
    [{ x: { doubleList: [] } }, 'x'],
  ])('refuses %o', (features, path) => {
    const encode = () => encodeExample(features as unknown as Record<string, FeatureValues>);
    expect(thrownBy(ConfigError, encode).path).toBe(path);
  });
});
