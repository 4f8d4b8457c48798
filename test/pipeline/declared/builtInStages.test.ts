import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { lastValueFrom, map, repeat, skip, take, toArray, type Observable } from 'rxjs';
import sharp from 'sharp';
import * as op from '../../../operators/index.js';
import { ndarray, type NDArray, type RaggedArray, type SparseArray } from '../../../src/arrays/ndarray.js';
import { oneHot } from '../../../src/arrays/oneHot.js';
import { stringLookup } from '../../../src/arrays/stringLookup.js';
import { scale } from '../../../src/arrays/scale.js';
import { toDense } from '../../../src/arrays/toDense.js';
import { toDenseSparse } from '../../../src/arrays/toDenseSparse.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { encodeImageRecord } from '../../../src/formats/imageRecord/imageRecord.js';
import { raggedFeature, varLenFeature } from '../../../src/formats/example/features.js';
import { encodeRecordProtobuf } from '../../../src/formats/recordProtobuf/encodeRecordProtobuf.js';
import { encodeSequenceExample } from '../../../src/formats/example/encodeSequenceExample.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { builtInStages } from '../../../src/pipeline/declared/builtInStages.js';
import { definePipeline } from '../../../src/pipeline/declared/definePipeline.js';
import type { StageSpec } from '../../../src/pipeline/declared/pipelineSpec.js';
import { recordsFromFiles } from '../../../src/pipeline/records/recordsFromFiles.js';
import { field } from '../../formats/support/wire.js';
import { collectWarnings } from '../../support/collectWarnings.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));

/** Writes the records to a TFRecord file in a new folder. */
function fileOf(records: readonly Uint8Array[]): string {
  const path = join(newFolder(), 'data.tfrecord');
  writeFileSync(path, Buffer.concat(records.map((record) => encodeTFRecord(record))));
  return path;
}

const texts = (...lines: string[]): Uint8Array[] => lines.map((line) => Buffer.from(line));
const numbers = texts('0', '1', '2', '3', '4', '5', '6');
const damaged = encodeExample({ other: { int64List: [1] } });
const examples = [1, 2, 3].map((label) =>
  encodeExample({ label: { int64List: [label] }, tokens: { int64List: Array<number>(label).fill(label) } }),
);
const features = { label: { kind: 'fixedLen', shape: [], dtype: 'int64' } } as const;
const padded = { label: { ...features.label, default: -1 } } as const;
const queryOf = (labels: readonly number[]) => {
  const [context, ...documents] = [0, ...labels].map((label) => encodeExample({ label: { int64List: [label] } }));
  return Uint8Array.from([...documents.flatMap((each) => field(1, each)), ...field(2, context!)]);
};
const floats = { label: { ...features.label, as: 'float32' } } as const;
const tokens = { tokens: { kind: 'ragged', dtype: 'int64' } } as const;
const skipBad = { onBadRecord: 'skip', maxBadRecords: 1 } as const;
const clips = [1, 2].map((steps) =>
  encodeSequenceExample({
    context: { label: { int64List: [steps] } },
    sequence: { tokens: Array.from({ length: steps }, (_, step) => ({ int64List: [step] })) },
  }),
);
const clipFeatures = {
  context: features,
  sequence: { tokens: { kind: 'fixedLenSequence', shape: [], dtype: 'int64' } },
} as const;
const vectors = [1, 2].map((value) =>
  encodeRecordProtobuf({
    features: { values: ndarray('float32', [2], Float32Array.of(value, value)) },
    label: { values: ndarray('float32', [1], Float32Array.of(value)) },
  }),
);
const tensors = { features: { values: { dtype: 'float32' } }, label: { values: { dtype: 'float32' } } } as const;
const columns = ['int64', { dtype: 'float32', default: 0.5 }] as const;
const pixels = sharp({ create: { width: 3, height: 2, channels: 3, background: '#102030' } })
  .png()
  .toBuffer();

/** The declared stages, their input, and the same stages as operators. */
interface Case {
  readonly records: readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  readonly stages: readonly { readonly stage: string }[];
  readonly handwritten: (records$: Observable<Uint8Array>) => Observable<unknown>;
}

const declared = (stage: string, options: object = {}): { readonly stage: string } => ({ stage, ...options });

const CASES: Readonly<Record<string, Case>> = {
  shuffle: {
    records: numbers,
    stages: [declared('shuffle', { bufferSize: 4, seed: 7 })],
    handwritten: (records$) => records$.pipe(op.shuffle(4, { seed: 7 })),
  },
  batch: {
    records: numbers,
    stages: [declared('batch', { size: 3, dropRemainder: true })],
    handwritten: (records$) => records$.pipe(op.batch(3, { dropRemainder: true })),
  },
  paddedBatch: {
    records: examples,
    stages: [
      declared('parseSingleExample', { features: tokens }),
      declared('paddedBatch', { size: 2, paddedShapes: { tokens: [4] }, paddingValues: { tokens: -1 } }),
    ],
    handwritten: (records$) =>
      records$.pipe(
        op.parseSingleExample(tokens),
        op.paddedBatch(2, { paddedShapes: { tokens: [4] }, paddingValues: { tokens: -1 } }),
      ),
  },
  window: {
    records: numbers,
    stages: [declared('window', { size: 2, shift: 1, stride: 2, dropRemainder: true })],
    handwritten: (records$) => records$.pipe(op.window(2, { shift: 1, stride: 2, dropRemainder: true })),
  },
  timeSeries: {
    records: examples,
    stages: [
      declared('parseSingleExample', { features }),
      declared('timeSeries', { length: 2, inputs: ['label'], targets: ['label'] }),
    ],
    handwritten: (records$) =>
      records$.pipe(
        op.parseSingleExample(features),
        op.timeSeries({ length: 2, inputs: ['label'], targets: ['label'] }),
      ),
  },
  groupByWindow: {
    records: [...examples, ...examples],
    stages: [
      declared('parseSingleExample', { features }),
      declared('groupByWindow', { feature: 'label', windowSize: 2, dropRemainder: true, maxOpenGroups: 3 }),
    ],
    handwritten: (records$) =>
      records$.pipe(
        op.parseSingleExample(features),
        op.groupByWindow({ key: ({ label }) => label, windowSize: 2, dropRemainder: true }),
      ),
  },
  unbatch: {
    records: examples,
    stages: [declared('batch', { size: 2 }), declared('parseExample', { features }), declared('unbatch')],
    handwritten: (records$) => records$.pipe(op.batch(2), op.parseExample(features), op.unbatch()),
  },
  split: {
    records: [...examples, ...examples],
    stages: [
      declared('parseSingleExample', { features }),
      declared('split', { parts: { a: 0.5, b: 0.4 }, part: 'b', by: 'label', seed: 3 }),
    ],
    handwritten: (records$) =>
      records$.pipe(
        op.parseSingleExample(features),
        op.split({ a: 0.5, b: 0.4 }, { part: 'b', by: ({ label }) => label, seed: 3 }),
      ),
  },
  rejectionResample: {
    records: [...examples, ...examples, ...examples, ...examples],
    stages: [
      declared('parseSingleExample', { features }),
      declared('rejectionResample', {
        ...{ feature: 'label', targetDist: [0, 0.2, 0.3, 0.5], initialDist: [0, 0.4, 0.3, 0.3], seed: 7 },
      }),
    ],
    handwritten: (records$) =>
      records$.pipe(
        op.parseSingleExample(features),
        op.rejectionResample(({ label }) => label, [0, 0.2, 0.3, 0.5], { initialDist: [0, 0.4, 0.3, 0.3], seed: 7 }),
        map(([, example]) => example),
      ),
  },
  rebatch: {
    records: numbers,
    stages: [declared('batch', { size: 4 }), declared('rebatch', { batchSize: [3, 2], dropRemainder: true })],
    handwritten: (records$) => records$.pipe(op.batch(4), op.rebatch([3, 2], { dropRemainder: true })),
  },
  assertCardinality: {
    records: numbers,
    stages: [declared('assertCardinality', { count: 7 })],
    handwritten: (records$) => records$.pipe(op.assertCardinality(7)),
  },
  cache: {
    records: numbers,
    stages: [declared('cache', { maxBytes: 100 }), declared('repeat', { count: 2 })],
    handwritten: (records$) => records$.pipe(op.cache({ maxBytes: 100 }), repeat(2)),
  },
  shard: {
    records: numbers,
    stages: [declared('shard', { count: 3, index: 1 })],
    handwritten: (records$) => records$.pipe(op.shard({ count: 3, index: 1 })),
  },
  prefetch: {
    records: numbers,
    stages: [declared('prefetch', { items: 2 })],
    handwritten: (records$) => records$.pipe(op.prefetch(2)),
  },
  repeat: {
    records: numbers,
    stages: [declared('repeat', { count: 2 })],
    handwritten: (records$) => records$.pipe(repeat(2)),
  },
  take: {
    records: numbers,
    stages: [declared('take', { count: 2 })],
    handwritten: (records$) => records$.pipe(take(2)),
  },
  skip: {
    records: numbers,
    stages: [declared('skip', { count: 2 })],
    handwritten: (records$) => records$.pipe(skip(2)),
  },
  monitor: {
    records: numbers,
    stages: [declared('monitor', { name: 'numbers' })],
    handwritten: (records$) => records$.pipe(op.monitor({ name: 'numbers' })),
  },
  parseExample: {
    records: [...examples, damaged],
    stages: [declared('batch', { size: 3 }), declared('parseExample', { features, ...skipBad })],
    handwritten: (records$) => records$.pipe(op.batch(3), op.parseExample(features, skipBad)),
  },
  parseSingleExample: {
    records: [damaged, ...examples],
    stages: [declared('parseSingleExample', { features, ...skipBad })],
    handwritten: (records$) => records$.pipe(op.parseSingleExample(features, skipBad)),
  },
  parseSequenceExample: {
    records: [...clips, damaged],
    stages: [declared('parseSequenceExample', { ...clipFeatures, ...skipBad })],
    handwritten: (records$) => records$.pipe(op.parseSequenceExample(clipFeatures, skipBad)),
  },
  parseExampleList: {
    records: [queryOf([5, 6]), queryOf([7])],
    stages: [
      declared('batch', { size: 2 }),
      declared('parseExampleList', { context: features, examples: padded, listSize: 3 }),
    ],
    handwritten: (records$) =>
      records$.pipe(op.batch(2), op.parseExampleList({ context: features, examples: padded, listSize: 3 })),
  },
  parseRecordProtobuf: {
    records: [...vectors, damaged],
    stages: [declared('batch', { size: 3 }), declared('parseRecordProtobuf', { ...tensors, ...skipBad })],
    handwritten: (records$) => records$.pipe(op.batch(3), op.parseRecordProtobuf(tensors, skipBad)),
  },
  parseImageRecord: {
    records: [encodeImageRecord(Uint8Array.of(1), 2), encodeImageRecord(Uint8Array.of(3), [4, 5]), Uint8Array.of(6)],
    stages: [declared('parseImageRecord', skipBad)],
    handwritten: (records$) => records$.pipe(op.parseImageRecord(skipBad)),
  },
  decodeCsv: {
    records: texts('1;2', '2;', 'x;3'),
    stages: [
      declared('batch', { size: 3 }),
      declared('decodeCsv', { recordDefaults: columns, fieldDelim: ';', ...skipBad }),
    ],
    handwritten: (records$) => records$.pipe(op.batch(3), op.decodeCsv(columns, { fieldDelim: ';', ...skipBad })),
  },
  decodeJson: {
    records: texts('{"label":1}', '', '{}'),
    stages: [declared('batch', { size: 3 }), declared('decodeJson', { features, ...skipBad })],
    handwritten: (records$) => records$.pipe(op.batch(3), op.decodeJson({ features, ...skipBad })),
  },
  decodeLibsvm: {
    records: texts('1 2:0.5', '2 x', '3 qid:4 1:1'),
    stages: [declared('batch', { size: 3 }), declared('decodeLibsvm', { features: 2, ...skipBad })],
    handwritten: (records$) => records$.pipe(op.batch(3), op.decodeLibsvm({ features: 2, ...skipBad })),
  },
  decodeImage: {
    records: pixels.then((image) => [image, damaged]),
    stages: [declared('decodeImage', { channels: 1, resize: { height: 1, width: 2 }, ...skipBad })],
    handwritten: (records$) =>
      records$.pipe(op.decodeImage({ channels: 1, resize: { height: 1, width: 2 }, ...skipBad })),
  },
  combineAttributes: {
    records: texts('{"a":1}', 'one', '[2]', 'two'),
    stages: [declared('combineAttributes', { attributes: { label: 'json', note: 'text' } })],
    handwritten: (records$) => records$.pipe(op.combineAttributes({ label: 'json', note: 'text' })),
  },
  scale: {
    records: examples,
    stages: [
      declared('parseSingleExample', { features: floats }),
      declared('scale', { feature: 'label', factor: 2, offset: 1 }),
    ],
    handwritten: (records$) =>
      records$.pipe(
        op.parseSingleExample(floats),
        map(({ label }) => ({ label: scale(label, 2, 1) })),
      ),
  },
  oneHot: {
    records: examples,
    stages: [
      declared('batch', { size: 3 }),
      declared('parseExample', { features }),
      declared('oneHot', { feature: 'label', depth: 4 }),
    ],
    handwritten: (records$) =>
      records$.pipe(
        op.batch(3),
        op.parseExample(features),
        map(({ label }) => ({ label: oneHot(label, 4) })),
      ),
  },
  stringLookup: {
    records: texts('b', 'x', 'a', 'y'),
    stages: [
      declared('decodeCsv', { recordDefaults: ['string'] }),
      declared('stringLookup', { feature: '0', vocabulary: ['a', 'b'], maskToken: 'x', dtype: 'int64' }),
    ],
    handwritten: (records$) => {
      const lookup = stringLookup(['a', 'b'], { maskToken: 'x', dtype: 'int64' });
      return records$.pipe(
        op.decodeCsv(['string']),
        map(([text]) => ({ 0: lookup(text) })),
      );
    },
  },
  toDense: {
    records: examples,
    stages: [
      declared('batch', { size: 3 }),
      declared('parseExample', { features: { tokens: { kind: 'ragged', dtype: 'int64' } } }),
      declared('toDense', { feature: 'tokens', defaultValue: -1, shape: [null, 2] }),
    ],
    handwritten: (records$) =>
      records$.pipe(
        op.batch(3),
        op.parseExample({ tokens: raggedFeature('int64') }),
        map(({ tokens }) => ({ tokens: toDense(tokens, { defaultValue: -1, shape: [null, 2] }) })),
      ),
  },
  toDenseSparse: {
    records: examples,
    stages: [
      declared('batch', { size: 3 }),
      declared('parseExample', { features: { tokens: { kind: 'varLen', dtype: 'int64' } } }),
      declared('toDenseSparse', { feature: 'tokens', defaultValue: 9, validateIndices: false }),
    ],
    handwritten: (records$) =>
      records$.pipe(
        op.batch(3),
        op.parseExample({ tokens: varLenFeature('int64') }),
        map(({ tokens }) => ({ tokens: toDenseSparse(tokens, { defaultValue: 9, validateIndices: false }) })),
      ),
  },
  select: {
    records: examples,
    stages: [declared('parseSingleExample', { features }), declared('select', { features: { y: 'label' } })],
    handwritten: (records$) =>
      records$.pipe(
        op.parseSingleExample(features),
        map(({ label }) => ({ y: label })),
      ),
  },
};

/** Returns everything that a pipeline produces: items, warnings, and lines on standard error without times. */
async function run(source: Observable<unknown>) {
  const logged: string[] = [];
  const log = jest
    .spyOn(console, 'error')
    .mockImplementation((line: string) => logged.push(line.replace(/ in .*/, '')));
  try {
    let items: unknown[] = [];
    const warnings = await collectWarnings(async () => {
      items = await all(source);
    });
    return { items, warnings, logged };
  } finally {
    log.mockRestore();
  }
}

describe('builtInStages', () => {
  it.each(builtInStages().map(({ name }) => name))('%s returns the same as the operator', async (name) => {
    const { records, stages, handwritten } = CASES[name] as Case;
    const files = fileOf(await records);
    // All values can be represented in JSON.
    const asJson = JSON.parse(JSON.stringify(stages)) as typeof stages;
    const spec = { channels: { train: { recordFormat: 'TFRecord', files } }, stages: asJson } as const;
    const declaredRun = await run(definePipeline(spec));
    expect(declaredRun).toEqual(await run(handwritten(recordsFromFiles(files, { recordFormat: 'TFRecord' }))));
    expect(declaredRun.items.length).toBeGreaterThan(0);
    expect(declaredRun.warnings).toHaveLength(JSON.stringify(stages).includes('onBadRecord') ? 1 : 0);
    expect(declaredRun.logged).toEqual(name === 'monitor' ? [expect.stringMatching(/^numbers completed: 7 /)] : []);
  });

  it('infers the types of a literal declaration', async () => {
    const train = { recordFormat: 'TFRecord', files: fileOf(clips) } as const;
    const clips$: Observable<{
      readonly context: { readonly label: NDArray<'int64'> };
      readonly sequence: { readonly tokens: NDArray<'int64'> };
    }> = definePipeline({ channels: { train }, stages: [{ stage: 'parseSequenceExample', ...clipFeatures }] });
    expect((await all(clips$)).map(({ sequence }) => sequence.tokens.shape)).toEqual([[1], [2]]);

    const records$: Observable<{ readonly features: { readonly values: SparseArray<'float32'> } }> = definePipeline({
      channels: { train },
      stages: [{ stage: 'parseRecordProtobuf', features: { values: { kind: 'sparse', dtype: 'float32' } } }],
    });
    const columns$: Observable<[NDArray<'int64'>, NDArray<'bytes'>]> = definePipeline({
      channels: { train },
      stages: [{ stage: 'decodeCsv', recordDefaults: ['int64', { dtype: 'string', default: '' }] }],
    });
    const json$: Observable<{ readonly label: RaggedArray<'int64'> }> = definePipeline({
      channels: { train },
      stages: [
        { stage: 'batch', size: 2 },
        { stage: 'decodeJson', features: { label: { kind: 'ragged', dtype: 'int64' } } },
      ],
    });
    const sparse$: Observable<{ readonly features: SparseArray<'float64'>; readonly qid: NDArray<'int64'> }> =
      definePipeline({
        channels: { train },
        stages: [{ stage: 'decodeLibsvm', features: 2, dtype: 'float64', queryId: true }],
      });
    const images$: Observable<NDArray<'uint8'>> = definePipeline({
      channels: { train },
      stages: [{ stage: 'decodeImage' }, { stage: 'cache' }, { stage: 'batch', size: 2 }, { stage: 'unbatch' }],
    });
    const lines$: Observable<{ image: Uint8Array; label: unknown }> = definePipeline({
      channels: { train },
      stages: [
        { stage: 'combineAttributes', attributes: { image: 'bytes', label: 'json' } },
        { stage: 'monitor' },
        { stage: 'shard', count: 2, index: 0 },
      ],
    });
    const lookedUp$: Observable<{ readonly label: NDArray<'int32'>; readonly other: NDArray<'float32'> }> =
      definePipeline({
        channels: { train },
        stages: [
          {
            stage: 'parseSingleExample',
            features: {
              label: { kind: 'fixedLen', shape: [], dtype: 'bytes' },
              other: { kind: 'fixedLen', shape: [], dtype: 'bytes' },
            },
          },
          { stage: 'stringLookup', feature: 'label', vocabulary: ['a'] },
          { stage: 'stringLookup', feature: 'other', vocabulary: ['a'], dtype: 'float32' },
        ],
      });
    const padded$: Observable<{ readonly tokens: NDArray<'int64'> }> = definePipeline({
      channels: { train },
      stages: [
        { stage: 'parseSingleExample', features: { tokens: { kind: 'fixedLen', shape: [], dtype: 'int64' } } },
        { stage: 'paddedBatch', size: 2 },
      ],
    });
    const series$: Observable<{ readonly xs: NDArray<'float32'>; readonly ys: NDArray<'float32'> }> = definePipeline({
      channels: { train },
      stages: [
        { stage: 'parseSingleExample', features },
        { stage: 'timeSeries', length: 2, inputs: ['label'], targets: ['label'] },
      ],
    });
    const windows$: Observable<{ readonly label: NDArray<'int64'> }> = definePipeline({
      channels: { train },
      stages: [
        { stage: 'parseSingleExample', features },
        { stage: 'window', size: 2 },
        { stage: 'unbatch' },
        { stage: 'groupByWindow', feature: 'label', windowSize: 2 },
      ],
    });
    expect(await all(series$)).toEqual([]);
    expect((await all(windows$)).map(({ label }) => label.data)).toEqual([BigInt64Array.of(1n), BigInt64Array.of(2n)]);
    for (const source of [records$, columns$, json$, sparse$, images$, padded$, lookedUp$] as Observable<unknown>[]) {
      await expect(all(source)).rejects.toMatchObject({ name: 'FormatError' });
    }
    await expect(run(lines$)).rejects.toMatchObject({ format: 'augmented manifest' });
  });

  it.each<[StageSpec, string]>([
    [{ stage: 'shard', count: 2, index: 2 }, 'stages[0].index: expected an index less than count'],
    [{ stage: 'paddedBatch' }, 'stages[0].size'],
    [{ stage: 'window', size: 2, shift: 0 }, 'stages[0].shift'],
    [{ stage: 'timeSeries', length: 2, offset: -2 }, 'stages[0].offset: expected a target row in or after'],
    [{ stage: 'groupByWindow', windowSize: 2 }, 'stages[0].feature'],
    [{ stage: 'cache', maxBytes: 0 }, 'stages[0].maxBytes'],
    [{ stage: 'unbatch', size: 2 }, 'unknown key "size": expected one of stage'],
    [{ stage: 'combineAttributes', attributes: 'label' }, 'stages[0].attributes: expected the number of attributes'],
    [{ stage: 'decodeCsv', recordDefaults: ['int8'] }, 'stages[0].recordDefaults[0]'],
    [{ stage: 'decodeCsv', recordDefaults: ['int64'], onBadRecord: 'drop' }, 'stages[0].onBadRecord'],
    [
      { stage: 'decodeJson', features: { x: { kind: 'raw', shape: [], dtype: 'int8' } } },
      'stages[0]: features: x.kind',
    ],
    [{ stage: 'parseRecordProtobuf', features: { x: { dtype: 'int64' as 'int32' } } }, 'stages[0].features.x.dtype'],
    [{ stage: 'parseSequenceExample', context: {} }, 'stages[0].sequence'],
    [{ stage: 'decodeImage', channels: 2 }, 'stages[0].channels'],
    [{ stage: 'monitor', everyMs: '1' }, 'stages[0].everyMs'],
    [{ stage: 'stringLookup', feature: 'a', vocabulary: [] }, 'stages[0].vocabulary: expected at least one text'],
    [
      { stage: 'stringLookup', feature: 'a', vocabulary: ['b', 'b'] },
      'stages[0]: stringLookup: vocabulary: expected different',
    ],
  ])('refuses %j', (stage, message) => {
    expect(() => definePipeline({ channels: { train: {} }, stages: [stage] })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining(message) }),
    );
  });
});
