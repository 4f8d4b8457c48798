import fc from 'fast-check';
import { ConfigError, FormatError } from '../../../src/base/errors.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { createExampleListParser } from '../../../src/formats/example/exampleListParser.js';
import { createExampleParser } from '../../../src/formats/example/exampleParser.js';
import { fixedLenFeature, raggedFeature } from '../../../src/formats/example/features.js';
import type { ExampleListFeatures } from '../../../src/formats/example/parsedExampleLists.js';
import { columnText } from '../reference/columnText.js';
import { fixtureJson, fromBase64 } from '../support/fixtures.js';
import { goldenEntries } from '../support/goldenValue.js';
import { thrownBy } from '../support/thrownBy.js';
import { field } from '../support/wire.js';

interface Case {
  readonly name: string;
  readonly features: ExampleListFeatures;
  readonly serialized: readonly string[];
  readonly expected: { readonly ok?: Record<'context' | 'examples' | 'sizes', object>; readonly error?: string };
}

const cases = fixtureJson('values/lists.json') as Case[];

const document = (y: number) => encodeExample({ y: { int64List: [y] } });
const list = (q: number, ys: readonly number[]) =>
  Uint8Array.from([...ys.flatMap((y) => field(1, document(y))), ...field(2, encodeExample({ q: { int64List: [q] } }))]);
const features = {
  context: { q: fixedLenFeature([], 'int64', { as: 'int32' }) },
  examples: { y: fixedLenFeature([], 'int64', { as: 'int32', default: -1 }) },
};
const parser = createExampleListParser(features);

describe('createExampleListParser', () => {
  it.each(cases)('parses as TensorFlow Ranking does: $name', ({ features: asked, serialized, expected }) => {
    const parse = () => createExampleListParser(asked).parseBatch(serialized.map(fromBase64));
    if (!expected.ok) {
      expect(parse).toThrow(FormatError);
      return;
    }
    const { context, examples, sizes } = parse();
    const [[, golden] = []] = goldenEntries({ sizes });
    const [inContext, inExamples] = [context, examples].map((part) => Object.fromEntries(goldenEntries(part)));
    expect({ context: inContext, examples: inExamples, sizes: golden }).toEqual(expected.ok);
  });

  it('parses a single record without a batch dimension', () => {
    expect(parser.parseSingle(list(7, [1, 2]))).toEqual({
      context: { q: { dtype: 'int32', shape: [], data: Int32Array.of(7) } },
      examples: { y: { dtype: 'int32', shape: [2], data: Int32Array.of(1, 2) } },
      sizes: { dtype: 'int64', shape: [], data: BigInt64Array.of(2n) },
    });
  });

  it('contains the examples of each record, as parseExample returns them', () => {
    const words = { w: raggedFeature('int64') };
    const lists = createExampleListParser({ context: {}, examples: words });
    const alone = createExampleParser(words);
    const records = fc.array(fc.array(fc.array(fc.nat(300), { maxLength: 3 }), { maxLength: 3 }), { maxLength: 4 });
    fc.assert(
      fc.property(records, (contents) => {
        const longest = Math.max(0, ...contents.map(({ length }) => length));
        const encoded = contents.map((documents) => documents.map((w) => encodeExample({ w: { int64List: w } })));
        const { examples, sizes } = lists.parseBatch(
          encoded.map((documents) => Uint8Array.from(documents.flatMap((each) => field(1, each)))),
        );
        const padded = encoded.flatMap((documents) =>
          Array.from({ length: longest }, (_, at) => documents[at] ?? new Uint8Array(0)),
        );
        expect(columnText(examples.w.values)).toBe(columnText(alone.parseBatch(padded).w));
        expect([...examples.w.rowSplits]).toEqual([0, ...contents.map((_, row) => (row + 1) * longest)]);
        expect([...sizes.data]).toEqual(contents.map(({ length }) => BigInt(length)));
      }),
    );
  });

  it('names the record, the example, the feature and the position in the record', () => {
    const bad = encodeExample({ y: { floatList: [1] } });
    const record = Uint8Array.from([...field(1, document(1)), ...field(1, bad)]);
    const error = thrownBy(FormatError, () =>
      createExampleListParser({ ...features, context: {} }).parseBatch([list(1, [1]), record], 5),
    );
    expect(error).toMatchObject({ format: 'ExampleListWithContext', recordIndex: 6, kind: 'malformed' });
    expect(error.reason).toBe(
      `example 1: feature "y": expected int64 values, found float32 values: declare dtype 'float32'`,
    );
    expect(record.subarray(error.byteOffset, error.byteOffset + 1)).toEqual(Uint8Array.of(10));
    expect(error.byteOffset).toBeGreaterThan(field(1, document(1)).length);
  });

  it('names the context, and the padding that lacks a default', () => {
    const context = thrownBy(FormatError, () => parser.parseSingle(Uint8Array.from(field(1, document(1)))));
    expect(context.reason).toContain('context: feature "q": the record contains no features');
    const strict = createExampleListParser({ context: {}, examples: { y: fixedLenFeature([], 'int64') } });
    const padded = thrownBy(FormatError, () => strict.parseBatch([list(1, [1]), list(2, [1, 2])]));
    expect(padded.reason).toContain(
      'the list of 1 examples is padded to 2: feature "y": the record contains no features',
    );
    expect(padded.recordIndex).toBe(0);
  });

  it('refuses bytes that are no list', () => {
    const error = thrownBy(FormatError, () => parser.parseSingle(Uint8Array.from([10, 200, 1])));
    expect(error).toMatchObject({ format: 'ExampleListWithContext', kind: 'truncated', recordIndex: 0 });
    expect(() => parser.parseSingle('text' as never)).toThrow(ConfigError);
  });

  it('refuses invalid features', () => {
    expect(() => createExampleListParser({ context: {}, examples: {} })).toThrow('expected at least one feature');
    expect(thrownBy(ConfigError, () => createExampleListParser({ ...features, listSize: 0 })).path).toBe('listSize');
    const wrong = { context: {}, examples: { y: { kind: 'dense' } } } as never;
    expect(thrownBy(ConfigError, () => createExampleListParser(wrong)).path).toBe('examples.y.kind');
  });
});
