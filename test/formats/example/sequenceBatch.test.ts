import fc from 'fast-check';
import { FormatError } from '../../../src/base/errors.js';
import type { NDArray, NestedRaggedArray, SparseArray } from '../../../src/arrays/ndarray.js';
import { encodeSequenceExample } from '../../../src/formats/example/encodeSequenceExample.js';
import {
  fixedLenFeature,
  fixedLenSequenceFeature,
  raggedFeature,
  rawFeature,
  varLenFeature,
} from '../../../src/formats/example/features.js';
import { createSequenceExampleParser } from '../../../src/formats/example/sequenceExampleParser.js';
import type { SequenceFeatures } from '../../../src/formats/example/parsedSequences.js';
import { fixtureJson, fromBase64 } from '../support/fixtures.js';
import { goldenEntries } from '../support/goldenValue.js';
import { thrownBy } from '../support/thrownBy.js';

interface Case extends SequenceFeatures {
  readonly name: string;
  readonly serialized: readonly string[];
  readonly expected: { readonly ok?: Record<'context' | 'sequence' | 'lengths', object>; readonly error?: string };
}

const cases = fixtureJson('values/sequences.json') as Case[];
const STEPS = fc.array(fc.array(fc.bigInt({ min: 0n, max: 300n }), { maxLength: 3 }), { maxLength: 4 });

function encode(label: number, steps: readonly (readonly bigint[])[]): Uint8Array {
  return encodeSequenceExample({
    context: { label: { int64List: [label] } },
    sequence: { x: steps.map((int64List) => ({ int64List: [...int64List] })) },
  });
}

const context = { label: fixedLenFeature([], 'int64') };

describe('SequenceExampleParser.parseBatch', () => {
  it.each(cases)('parses as TensorFlow does: $name', ({ context, sequence, serialized, expected }) => {
    const parse = () => createSequenceExampleParser({ context, sequence }).parseBatch(serialized.map(fromBase64));
    if (!expected.ok) {
      expect(parse).toThrow(FormatError);
      return;
    }
    const parsed = parse();
    const found = Object.entries(parsed).map(([part, values]) => [
      part,
      Object.fromEntries(goldenEntries(values as object)),
    ]);
    expect(Object.fromEntries(found)).toEqual(expected.ok);
  });

  it('contains the steps of each record, as parseSingle returns them', () => {
    const ragged = createSequenceExampleParser({ context, sequence: { x: raggedFeature('int64') } });
    const sparse = createSequenceExampleParser({ context, sequence: { x: varLenFeature('int64') } });
    fc.assert(
      fc.property(fc.array(STEPS, { maxLength: 4 }), (records) => {
        const encoded = records.map((steps, label) => encode(label, steps));
        const { values, rowSplits } = ragged.parseBatch(encoded).sequence.x;
        const { indices, values: numbers, denseShape } = sparse.parseBatch(encoded).sequence.x;
        const rows = Array.from(values.rowSplits.slice(1), (end, row) => {
          return [...(values.values as NDArray<'int64'>).data.slice(values.rowSplits[row], end)];
        });
        expect(records.map((_, at) => rows.slice(rowSplits[at], rowSplits[at + 1]))).toEqual(records);
        const places = records.flatMap((steps, record) =>
          steps.flatMap((list, step) => list.map((number, at) => [record, step, at, Number(number)])),
        );
        const found = Array.from(numbers.data, (number, at) => [
          ...Array.from(indices.data.slice(3 * at, 3 * at + 3), Number),
          Number(number),
        ]);
        expect(found).toEqual(places);
        const longest = Math.max(0, ...records.map(({ length }) => length));
        const widest = Math.max(0, ...records.flat().map(({ length }) => length));
        expect(denseShape).toEqual([records.length, longest, widest]);
      }),
    );
  });

  it('pads raw and dense sequences, and counts their steps', () => {
    const parser = createSequenceExampleParser({
      context,
      sequence: { x: fixedLenSequenceFeature([2], 'int64', { as: 'int32' }), raw: rawFeature([1], 'int16') },
    });
    const record = (steps: number) =>
      encodeSequenceExample({
        context: { label: { int64List: [steps] } },
        sequence: {
          x: Array.from({ length: steps }, (_, step) => ({ int64List: [step, steps] })),
          raw: Array.from({ length: steps }, (_, step) => ({ bytesList: [Uint8Array.of(step, 1)] })),
        },
      });
    const { sequence, lengths, context: parsed } = parser.parseBatch([record(1), record(2)]);
    expect(sequence.x).toEqual({ dtype: 'int32', shape: [2, 2, 2], data: Int32Array.of(0, 1, 0, 0, 0, 2, 1, 2) });
    expect(sequence.raw).toEqual({ dtype: 'int16', shape: [2, 2, 1], data: Int16Array.of(256, 0, 256, 257) });
    const two = { dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, 2n) };
    expect(lengths).toEqual({ x: two, raw: two });
    expect(parsed.label).toEqual(two);
  });

  it('names the record, the step within it, and the feature', () => {
    const parser = createSequenceExampleParser({ context, sequence: { x: fixedLenSequenceFeature([], 'int64') } });
    const bad = encodeSequenceExample({
      context: { label: { int64List: [1] } },
      sequence: { x: [{ int64List: [1] }, { floatList: [1] }] },
    });
    const error = thrownBy(FormatError, () => parser.parseBatch([encode(0, [[1n], [2n]]), bad], 10));
    expect(error.recordIndex).toBe(11);
    expect(error.reason).toBe('feature "x": expected int64 values in step 1, found float32 values');
    const missing = encodeSequenceExample({ context: { label: { int64List: [1] } }, sequence: {} });
    const lacking = thrownBy(FormatError, () => parser.parseBatch([encode(0, [[1n]]), missing], 10));
    expect(lacking.recordIndex).toBe(11);
    expect(lacking.reason).toContain('if the sequence may be missing, set allowMissing: true');
  });

  it('infers the types of a batch', () => {
    const parser = createSequenceExampleParser({
      context: {},
      sequence: { r: raggedFeature('bytes'), s: varLenFeature('float32'), d: fixedLenSequenceFeature([], 'int64') },
    });
    const { sequence, lengths } = parser.parseBatch([]);
    const ragged: NestedRaggedArray<'bytes'> = sequence.r;
    const sparse: SparseArray<'float32'> = sequence.s;
    const dense: NDArray<'int64'> = sequence.d;
    expect([ragged.rowSplits, sparse.denseShape, dense.shape]).toEqual([Int32Array.of(0), [0, 0, 0], [0, 0]]);
    expect(Object.keys(lengths) satisfies string[]).toEqual(['d']);
  });
});
