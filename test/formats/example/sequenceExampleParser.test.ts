import fc from 'fast-check';
import { ConfigError, FormatError } from '../../../src/base/errors.js';
import { ndarray } from '../../../src/arrays/ndarray.js';
import { encodeExample, type FeatureValues } from '../../../src/formats/example/encodeExample.js';
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
import { goldenEntries, sortedEntries } from '../support/goldenValue.js';
import { thrownBy } from '../support/thrownBy.js';
import { entry, field, int64Feature } from '../support/wire.js';

interface Case extends SequenceFeatures {
  readonly name: string;
  readonly serialized: string;
  readonly single: { readonly ok: Record<string, unknown> };
}

/** According to the README of the fixtures, TensorFlow ran with `allow_missing=True`. */
const cases = (fixtureJson('example/sequence_cases.json') as Case[]).map(({ sequence, ...rest }) => ({
  ...rest,
  sequence: Object.fromEntries(
    Object.entries(sequence).map(([name, feature]) => {
      return [name, feature.kind === 'fixedLenSequence' ? { ...feature, allowMissing: true } : feature];
    }),
  ),
}));

const prefixed = (prefix: string, values: object) =>
  goldenEntries(values).map(([name, value]): [string, unknown] => [`${prefix}/${name}`, value]);

const int64s = (...int64List: number[]): FeatureValues => ({ int64List });
const tokens = { context: {}, sequence: { tokens: fixedLenSequenceFeature([], 'int64') } } as const;

/** Makes a SequenceExample from the entries of its sequences. */
const sequenceExample = (...entries: readonly number[][]) => Uint8Array.from(field(2, entries.flat()));

describe('createSequenceExampleParser', () => {
  it.each(cases)('parses as TensorFlow does: $name', ({ context, sequence, serialized, single }) => {
    const parsed = createSequenceExampleParser({ context, sequence }).parseSingle(fromBase64(serialized));
    const entries = [...prefixed('context', parsed.context), ...prefixed('sequence', parsed.sequence)];
    expect(sortedEntries(entries)).toEqual(sortedEntries(Object.entries(single.ok)));
  });

  it('reads every kind of sequence, each of its own length', () => {
    const record = encodeSequenceExample({
      context: { id: int64s(7) },
      sequence: {
        fixed: [int64s(1, 2), int64s(3, 4)],
        narrow: [int64s(1)],
        ragged: [{ floatList: [1] }, { floatList: [] }, { floatList: [2, 3] }],
        raw: [{ bytesList: [Uint8Array.of(1, 2)] }, { bytesList: [Uint8Array.of(3, 4)] }],
        skipped: [int64s(9)],
      },
    });
    const { context, sequence } = createSequenceExampleParser({
      context: { id: fixedLenFeature([], 'int64') },
      sequence: {
        fixed: fixedLenSequenceFeature([2], 'int64'),
        narrow: fixedLenSequenceFeature([], 'int64', { as: 'int32' }),
        ragged: raggedFeature('float32'),
        raw: rawFeature([2], 'uint8'),
        absent: varLenFeature('bytes'),
      },
    }).parseSingle(record);
    expect(context).toEqual({ id: ndarray('int64', [], BigInt64Array.of(7n)) });
    expect(sequence).toEqual({
      fixed: ndarray('int64', [2, 2], BigInt64Array.of(1n, 2n, 3n, 4n)),
      narrow: ndarray('int32', [1], Int32Array.of(1)),
      ragged: { values: ndarray('float32', [3], Float32Array.of(1, 2, 3)), rowSplits: Int32Array.of(0, 1, 1, 3) },
      raw: ndarray('uint8', [2, 2], Uint8Array.of(1, 2, 3, 4)),
      absent: {
        indices: ndarray('int64', [0, 2], new BigInt64Array(0)),
        values: ndarray('bytes', [0], []),
        denseShape: [0, 0],
      },
    });
  });

  it('takes the last entry of a name, and holds nothing over to the next record', () => {
    const list = (value: bigint) => entry('tokens', field(1, int64Feature(value)));
    const parser = createSequenceExampleParser(tokens);
    expect(parser.parseSingle(sequenceExample(list(1n), list(2n))).sequence.tokens.data).toEqual(BigInt64Array.of(2n));
    expect(() => parser.parseSingle(new Uint8Array(0))).toThrow('contains no features and no sequences');
  });

  describe('of a record that lacks the sequence', () => {
    const record = encodeSequenceExample({
      context: { label: int64s(1) },
      sequence: { tokens: [int64s(1)], 'to\u009bkens': [] },
    });
    const parse = (token: SequenceFeatures['sequence'][string], from = record) =>
      createSequenceExampleParser({ context: {}, sequence: { token } }).parseSingle(from).sequence['token'];
    const fixed = fixedLenSequenceFeature([], 'int64');

    it.each([
      ['fixedLenSequence', fixed, 'if the sequence may be missing, set allowMissing: true'],
      ['raw', rawFeature([1], 'uint8'), 'a raw sequence must be in every record'],
      [
        'varLen that must be there',
        varLenFeature('int64', { allowMissing: false }),
        'to accept such records, remove allowMissing: false',
      ],
      [
        'ragged that must be there',
        raggedFeature('int64', { allowMissing: false }),
        'to accept such records, remove allowMissing: false',
      ],
    ])('refuses it for a %s, and says what the record has', (_kind, feature, remedy) => {
      const { message, kind } = thrownBy(FormatError, () => parse(feature));
      expect(kind).toBe('malformed');
      expect(message).toContain(
        `feature "token": the record lacks this sequence, and contains "tokens", "to\\u009bkens": ${remedy}`,
      );
    });

    // Like TensorFlow 2.21 with allow_missing=True, VarLenFeature and RaggedFeature.
    it('returns no steps if it may be missing', () => {
      expect(parse(fixedLenSequenceFeature([2], 'int64', { allowMissing: true }))).toMatchObject({ shape: [0, 2] });
      expect(parse(varLenFeature('int64'))).toMatchObject({ denseShape: [0, 0] });
      expect(parse(raggedFeature('int64'))).toMatchObject({ rowSplits: Int32Array.of(0) });
    });

    // Like TensorFlow 2.21.
    it('takes a list without steps for one that is there', () => {
      expect(parse(fixed, sequenceExample(entry('token', [])))).toMatchObject({ shape: [0] });
      const strict = varLenFeature('int64', { allowMissing: false });
      expect(parse(strict, sequenceExample(entry('token', field(1, []))))).toMatchObject({ denseShape: [1, 0] });
    });

    it('says of a tf.train.Example that it is one', () => {
      const { message } = thrownBy(FormatError, () => parse(fixed, encodeExample({ token: int64s(1, 2) })));
      expect(message).toContain(
        'contains the features "token" and no sequences: if the record is a tf.train.Example, use parseExample',
      );
    });

    it('asks of bytes of another kind whether they are one', () => {
      const { message } = thrownBy(FormatError, () => parse(fixed, Buffer.from('a line of text')));
      expect(message).toContain(
        'the record may not be a tf.train.SequenceExample; the bytes look like text ("a line of text")',
      );
    });

    it('says of a feature of the context that it is a sequence', () => {
      const parser = createSequenceExampleParser({ context: { tokens: fixedLenFeature([], 'int64') }, sequence: {} });
      const { message } = thrownBy(FormatError, () => parser.parseSingle(record));
      expect(message).toContain(
        'feature "tokens": the record contains a sequence with this name: declare the feature under "sequence"',
      );
    });
  });

  it.each([
    ['of another dtype', { floatList: [1] }, 'expected int64 values in step 1, found float32'],
    ['without a value', int64s(), 'expected 1 value (shape []), found 0'],
    ['of two values', int64s(1, 2), 'expected 1 value (shape []), found 2'],
  ])('refuses a step %s', (_name, step, message) => {
    const record = encodeSequenceExample({ sequence: { tokens: [int64s(1), step] } });
    const error = thrownBy(FormatError, () => createSequenceExampleParser(tokens).parseSingle(record, 5));
    expect(error).toMatchObject({ kind: 'malformed', recordIndex: 5 });
    expect(error.message).toContain(`feature "tokens": ${message}`);
  });

  it('refuses an empty step if there is a shape, and otherwise returns an empty row', () => {
    const record = sequenceExample(entry('tokens', [...field(1, int64Feature(1n)), ...field(1, [])]));
    const error = thrownBy(FormatError, () => createSequenceExampleParser(tokens).parseSingle(record));
    expect(error.message).toContain('expected int64 values in step 1, found no values');
    const ragged = createSequenceExampleParser({ context: {}, sequence: { tokens: raggedFeature('int64') } });
    expect(ragged.parseSingle(record).sequence.tokens.rowSplits).toEqual(Int32Array.of(0, 1, 1));
  });

  it('refuses two lists in one step, and finds every cut', () => {
    const twice = sequenceExample(entry('tokens', field(1, [...int64Feature(1n), ...int64Feature(2n)])));
    const parser = createSequenceExampleParser(tokens);
    expect(thrownBy(FormatError, () => parser.parseSingle(twice)).message).toContain(
      'expected one list of values in the feature, found several',
    );
    const record = encodeSequenceExample({ sequence: { tokens: [int64s(1), int64s(300)] } });
    // The first two bytes are the empty context. A record may end after it.
    for (let length = 3; length < record.length; length++) {
      const error = thrownBy(FormatError, () => parser.parseSingle(record.slice(0, length)));
      expect(error.kind).toBe('truncated');
    }
  });

  it('throws only FormatErrors for any bytes', () => {
    const golden = cases.map(({ serialized }) => fromBase64(serialized));
    const parser = createSequenceExampleParser({
      context: { label: fixedLenFeature([], 'int64', { default: 0 }) },
      sequence: {
        tokens: varLenFeature('int64'),
        emb: fixedLenSequenceFeature([2], 'float32'),
        w: raggedFeature('bytes'),
      },
    });
    fc.assert(
      fc.property(fc.constantFrom(...golden), fc.nat(), fc.integer({ min: 0, max: 255 }), (bytes, at, value) => {
        const changed = bytes.slice();
        changed[at % changed.length] = value;
        try {
          parser.parseSingle(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [{ context: {}, sequence: { x: { kind: 'fixedLen', shape: [], dtype: 'int64' } } }, 'sequence.x.kind'],
    [
      { context: {}, sequence: { x: { kind: 'fixedLenSequence', shape: [-1], dtype: 'int64' } } },
      'sequence.x.shape[0]',
    ],
    [
      { context: {}, sequence: { x: { kind: 'fixedLenSequence', shape: [], dtype: 'int64', default: 1 } } },
      'sequence.x.default',
    ],
    [
      { context: {}, sequence: { x: { kind: 'fixedLenSequence', shape: [], dtype: 'bytes', defaultText: '' } } },
      'sequence.x.defaultText',
    ],
    [{ context: { x: { kind: 'varLen', dtype: 'int8' } }, sequence: {} }, 'context.x.dtype'],
    [{ sequence: {} }, 'context'],
  ])('refuses %j', (features, path) => {
    const create = () => createSequenceExampleParser(features as unknown as SequenceFeatures);
    expect(thrownBy(ConfigError, create).path).toBe(path);
  });
});

describe('encodeSequenceExample', () => {
  it('writes the same bytes as TensorFlow', () => {
    const { serialized } = cases.find(({ name }) => name === 'varlen steps')!;
    const w = ['a', 'b c', 'd'].map((step) => ({ bytesList: step.split(' ').map((text) => Buffer.from(text)) }));
    expect(encodeSequenceExample({ sequence: { w } })).toEqual(fromBase64(serialized));
  });

  it('is read again by the parser, to the last bit', () => {
    const steps = fc.array(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })));
    fc.assert(
      fc.property(steps, fc.string({ unit: 'grapheme' }), (rows, name) => {
        const record = encodeSequenceExample({
          context: { [name]: { bytesList: [Buffer.from(name)] } },
          sequence: { [name]: rows.map((int64List) => ({ int64List })) },
        });
        const parsed = createSequenceExampleParser({
          context: { [name]: fixedLenFeature([], 'bytes') },
          sequence: { [name]: raggedFeature('int64') },
        }).parseSingle(record);
        expect(parsed.context[name]!.data).toEqual([new Uint8Array(Buffer.from(name))]);
        expect(parsed.sequence[name]).toMatchObject({ values: { data: BigInt64Array.from(rows.flat()) } });
      }),
    );
  });

  it('says which value of which step a list cannot hold', () => {
    const encode = () => encodeSequenceExample({ sequence: { tokens: [int64s(1), int64s(2, 0.5)] } });
    expect(thrownBy(ConfigError, encode).path).toBe('sequence.tokens[1].int64List[1]');
  });
});
