import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { filter, lastValueFrom, map, toArray, type Observable } from 'rxjs';
import { z } from 'zod';
import { batch } from '../../../operators/batch.js';
import { decodeTFRecord } from '../../../operators/decodeTFRecord.js';
import { parseExample } from '../../../operators/parseExample.js';
import { prefetch } from '../../../operators/prefetch.js';
import { shuffle } from '../../../operators/shuffle.js';
import { startLocalAgent, type LocalAgent } from '../../../src/agent/startLocalAgent.js';
import type { NDArray } from '../../../src/arrays/ndarray.js';
import { oneHot } from '../../../src/arrays/oneHot.js';
import { scale } from '../../../src/arrays/scale.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { encodeRecordIO } from '../../../src/formats/recordio/encodeRecordIO.js';
import { encodeTextLine } from '../../../src/formats/text/encodeTextLine.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { fixedLenFeature, rawFeature } from '../../../src/formats/example/features.js';
import { definePipeline } from '../../../src/pipeline/declared/definePipeline.js';
import { defineStage } from '../../../src/pipeline/declared/stageDefinition.js';
import { channel } from '../../../src/sources/channel.js';
import { httpStore } from '../../../src/stores/httpStore.js';
import { rangeServers } from '../../stores/support/rangeServer.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const newServer = rangeServers();
let agent: LocalAgent | undefined;
afterEach(() => agent?.close());

/** Serves the bytes of each channel, and returns the base directory. */
async function serve(channels: Record<string, Uint8Array>): Promise<string> {
  const folder = newFolder();
  const InputDataConfig = Object.entries(channels).map(([ChannelName, bytes]) => {
    mkdirSync(join(folder, ChannelName));
    writeFileSync(join(folder, ChannelName, 'data'), bytes);
    const S3DataSource = { S3DataType: 'S3Prefix', S3Uri: join(folder, ChannelName) } as const;
    return { ChannelName, DataSource: { S3DataSource } };
  });
  agent = await startLocalAgent({ InputDataConfig });
  return agent.baseDir;
}

const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));
const startingWith = (text: string): RegExp => new RegExp(`^${text.replaceAll(/[[\]().]/g, String.raw`\$&`)}`);
const lines = (...texts: string[]): Uint8Array => Buffer.concat(texts.map((text) => encodeTextLine(text)));
const fault =
  (spec: unknown): (() => unknown) =>
  () =>
    definePipeline(spec as never);

describe('definePipeline', () => {
  it('emits the same batches as the operators', async () => {
    const records = Array.from({ length: 100 }, (_, index) => {
      const image = Uint8Array.from({ length: 4 }, (_, pixel) => (index + pixel) % 17);
      return encodeTFRecord(encodeExample({ image: { bytesList: [image] }, label: { int64List: [index % 10] } }));
    });
    const baseDir = await serve({ train: Buffer.concat(records) });
    const declared: Observable<{ xs: NDArray<'float32'>; ys: NDArray<'float32'> }> = definePipeline(
      {
        channels: { train: { recordFormat: 'TFRecord' } },
        stages: [
          { stage: 'shuffle', bufferSize: 50, seed: 7 },
          { stage: 'batch', size: 16 },
          {
            stage: 'parseExample',
            features: {
              image: { kind: 'raw', shape: [4], dtype: 'uint8' },
              label: { kind: 'fixedLen', shape: [], dtype: 'int64' },
            },
          },
          { stage: 'scale', feature: 'image', factor: 0.0625 },
          { stage: 'oneHot', feature: 'label', depth: 10 },
          { stage: 'select', features: { xs: 'image', ys: 'label' } },
          { stage: 'prefetch', items: 4 },
        ],
      },
      { baseDir },
    );
    const written = channel('train', { baseDir }).pipe(
      decodeTFRecord(),
      shuffle(50, { seed: 7 }),
      batch(16),
      parseExample({ image: rawFeature([4], 'uint8'), label: fixedLenFeature([], 'int64') }),
      map(({ image, label }) => ({ xs: scale(image, 0.0625), ys: oneHot(label, 10) })),
      prefetch(4),
    );
    const batches = await all(declared);
    expect(batches).toEqual(await all(written));
    expect(batches.map(({ xs }) => xs.shape[0])).toEqual([16, 16, 16, 16, 16, 16, 4]);
  });

  it('zips channels, each with stages of its own', async () => {
    const baseDir = await serve({
      a: lines('1', '2', '3'),
      b: Buffer.concat(['x', 'y'].map((text) => encodeRecordIO(Buffer.from(text)))),
    });
    const zipped: Observable<{ a: string; b: Uint8Array }> = definePipeline(
      {
        channels: {
          a: { recordFormat: 'TextLine', encoding: 'utf8', stages: [{ stage: 'skip', count: 1 }] },
          b: { recordFormat: 'RecordIO' },
        },
        combine: { how: 'zip' },
      },
      { baseDir },
    );
    expect(await all(zipped)).toEqual([
      { a: '2', b: Uint8Array.from(Buffer.from('x')) },
      { a: '3', b: Uint8Array.from(Buffer.from('y')) },
    ]);
  });

  it('merges, concatenates and samples channels', async () => {
    const combined = async (combine: object): Promise<string> => {
      const baseDir = await serve({ a: lines('a', 'a', 'a'), b: lines('b', 'b', 'b') });
      const text = { recordFormat: 'TextLine', encoding: 'utf8' };
      const spec = { channels: { a: text, b: text }, combine };
      const items = (await all(definePipeline(spec as never, { baseDir }))) as string[];
      await agent?.close();
      return items.join('');
    };
    expect(await combined({ how: 'concat' })).toBe('aaabbb');
    expect([...(await combined({ how: 'merge' })).split('')].sort().join('')).toBe('aaabbb');
    const sampled = await combined({ how: 'sample', seed: 7, weights: { b: 1, a: 0 } });
    expect(sampled).toBe('bbb');
  });

  it('takes items from channels by a sequence of their names, repeatedly', async () => {
    const folder = newFolder();
    const text = { recordFormat: 'TextLine', encoding: 'utf8' } as const;
    const channelOf = (name: string, count: number) => {
      writeFileSync(join(folder, name), lines(...Array<string>(count).fill(name)));
      return { ...text, files: join(folder, name) };
    };
    const items$: Observable<string> = definePipeline({
      channels: { a: channelOf('a', 5), b: channelOf('b', 4) },
      combine: { how: 'choose', sequence: ['b', 'a', 'a'] },
    });
    expect((await all(items$)).join('')).toBe('baabaaba');
  });

  it('leaves out the header of each file, and names the line in the file', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'a.csv'), 'x,y\n1,2\n');
    writeFileSync(join(folder, 'b.csv'), 'x,y\n3,4\n5,six\n');
    const rows$ = definePipeline({
      channels: { train: { recordFormat: 'TextLine', skipLines: 1, files: join(folder, '*.csv') } },
      stages: [
        { stage: 'decodeCsv', recordDefaults: ['int64', 'int64'] },
        { stage: 'take', count: 3 },
      ],
    });
    const read: unknown[] = [];
    const values = map((columns: unknown) => (columns as readonly NDArray[]).map(({ data }) => Number(data[0])));
    await expect(
      lastValueFrom(
        rows$.pipe(
          values,
          map((row) => read.push(row)),
        ),
      ),
    ).rejects.toThrow(/b\.csv, line 3: .*"six"/);
    expect(read).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('proposes files for a channel without a job', async () => {
    const records$ = definePipeline({ channels: { train: { recordFormat: 'TextLine' } } }, { baseDir: newFolder() });
    await expect(all(records$)).rejects.toThrow(
      /inputdataconfig\.json cannot be read: .* write this file: add "files" \(a path or a pattern\) to the channel, or run/,
    );
  });

  it('finds headers in Pipe mode by their text alone', async () => {
    const baseDir = await serve({ train: Buffer.from('x,y\n1,2\nx,y\n3,4\n') });
    const withoutHeader = defineStage({
      name: 'withoutHeader',
      options: z.strictObject({ header: z.string() }),
      build: ({ header }) => {
        const bytes = Buffer.from(header);
        return filter((line: Uint8Array) => !bytes.equals(line));
      },
    });
    const read = (skipLines: number) =>
      all(
        definePipeline(
          {
            channels: { train: { recordFormat: 'TextLine', skipLines } },
            stages: [{ stage: 'withoutHeader', header: 'x,y' }],
          },
          { baseDir, stages: [withoutHeader] },
        ),
      );
    await expect(read(1)).rejects.toThrow(
      /Channel train is in Pipe mode, .*: skipLines is 1\. Either remove skipLines and filter the headers by their text/,
    );
    expect((await read(0)).map((line) => Buffer.from(line as Uint8Array).toString())).toEqual(['1,2', '3,4']);
  });

  it('reads the files that a channel names, without a job', async () => {
    const folder = newFolder();
    for (const name of ['a', 'b']) writeFileSync(join(folder, `${name}.txt`), lines(`${name}1`, `${name}2`));
    const items$ = definePipeline({
      channels: { train: { recordFormat: 'TextLine', encoding: 'utf8', files: join(folder, '*.txt') } },
      stages: [{ stage: 'batch', size: 3 }],
    });
    expect(await all(items$)).toEqual([['a1', 'a2', 'b1'], ['b2']]);
  });

  it('reads objects in the ranges that a channel names, as many at a time', async () => {
    const server = await newServer();
    const url = server.serve('/x', { bytes: lines('one', 'two', 'three'), etag: '"1"' });
    const train = { recordFormat: 'TextLine', encoding: 'utf8', files: url, rangeBytes: 5, concurrency: 1 } as const;
    expect(await all(definePipeline({ channels: { train } }, { store: httpStore() }))).toEqual(['one', 'two', 'three']);
    expect(server.ranges).toEqual(['bytes=0-0', 'bytes=0-4', 'bytes=5-9', 'bytes=10-13']);
  });

  it('takes kinds of stages that the user defines, with their own options', async () => {
    const baseDir = await serve({ train: lines('one', 'three', 'five') });
    const longer = defineStage({
      name: 'longer',
      options: z.strictObject({ than: z.int() }),
      build: ({ than }) => map((line: string) => (line.length > than ? line : '-')),
    });
    const spec = {
      channels: { train: { recordFormat: 'TextLine', encoding: 'utf8' } },
      stages: [{ stage: 'longer', than: 3 }],
    } as const;
    const items: Observable<unknown> = definePipeline(spec, { baseDir, stages: [longer] });
    expect(await all(items)).toEqual(['-', 'three', 'five']);
    expect(fault(spec)).toThrow(/stages\[0\]\.stage: expected one of shuffle.*found "longer"/);
  });

  it.each([
    [
      { channels: { t: {} }, stages: [{ stage: 'batch', size: '64' }] },
      'stages[0].size: expected a positive integer, found "64"',
    ],
    [
      { channels: { t: { recordFormat: 'CSV' } } },
      'channels.t.recordFormat: expected one of RecordIO, TFRecord, TextLine, WholeFile, Table, Parquet, ImageFolder, found "CSV"',
    ],
    [
      { channels: { t: { recordFormat: 'TFRecord', encoding: 'utf8' } } },
      'channels.t: unknown key "encoding": this option needs "recordFormat": "TextLine"',
    ],
    [
      { channels: { t: { carriageReturns: 'all' } } },
      'channels.t: unknown key "carriageReturns": this option needs "recordFormat": "TextLine"',
    ],
    [
      { channels: { t: { recordFormat: 'TextLine', multipart: 'dmlc' } } },
      'channels.t: unknown key "multipart": this option needs "recordFormat": "RecordIO"',
    ],
    [
      { channels: { t: { encoding: 'utf8', recordFormat: 'TextLine', stages: [{ stage: 'unbatch', encoding: 1 }] } } },
      'channels.t.stages[0]: unknown key "encoding": this key belongs in channels.<name>, with recordFormat TextLine',
    ],
    [
      { channels: { t: {} }, stages: [{ stage: 'decodeCsv', recordDefaults: ['int64'], skipLines: 1 }] },
      'stages[0]: unknown key "skipLines": this key belongs in channels.<name>, with recordFormat TextLine',
    ],
    [{ channels: { t: {} }, files: 'a' }, 'pipeline: unknown key "files": this key belongs in channels.<name>'],
    [{ channels: { t: {} }, weights: { t: 1 } }, 'unknown key "weights": this key belongs in combine, with how sample'],
    [{ channels: { t: { worker: true } } }, 'channels.t: unknown key "worker": this key belongs at the top level'],
    [
      { channels: { t: { bufferSize: 5 } } },
      'channels.t: unknown key "bufferSize": this key belongs in channels.<name>.stages[], with stage shuffle',
    ],
    [
      { channels: { t: {} }, batch: 64 },
      'unknown key "batch": this key is written as { "stage": "batch", … } in stages[]',
    ],
    [{ channels: { t: {} }, stages: [{ batch: 64 }] }, 'found none: write { "stage": "batch", … }'],
    [
      { channels: { t: {} }, stages: [{ stage: 'parseExample', features: {} }] },
      'stages[0]: parseExample: expected at least one feature, found none',
    ],
    [
      { channels: { train: { openTimeoutMs: 1e12 } } },
      'channels.train.openTimeoutMs: expected at most 2147483647 (2^31 - 1), found 1000000000000',
    ],
    [{ channels: { train: { idleTimeoutMs: 0 } } }, 'channels.train.idleTimeoutMs: expected more than 0, found 0'],
    [
      { channels: { train: { files: 'a', openTimeoutMs: 1 } } },
      'channels.train.openTimeoutMs: has no effect together with "files", because "files" replaces the channel of the job: remove this option',
    ],
    [
      { channels: { train: { recordFormat: 'TextLine', files: 'a', idleTimeoutMs: 1, allowEmpty: false } } },
      'channels.train.allowEmpty: has no effect together with "files"',
    ],
    [
      { channels: { train: { rangeBytes: 1 } } },
      'channels.train.rangeBytes: has no effect without "files", because a channel of the job never reads from a store: remove this option',
    ],
    [
      { channels: { train: { files: 'https://host/x', concurrency: 0 } } },
      'channels.train.concurrency: expected a positive integer, found 0',
    ],
    [
      { channels: { train: {} }, stages: [{ stage: 'decodeImage', maxBadRecords: 1 }] },
      "stages[0]: decodeImage: maxBadRecords has no effect if onBadRecord is 'fail', because the first bad record causes an error. Set onBadRecord",
    ],
    [
      { channels: { train: { recordFormat: 'TextLine', maxRecordBytes: 3e9 } } },
      'channels.train.maxRecordBytes: expected at most 2147483647 (2^31 - 1), found 3000000000',
    ],
    [
      { channels: { a: {}, b: {} }, combine: { how: 'sample', weights: { a: 0, b: 0 } } },
      'combine: sampleFromDatasets: weights: expected at least one weight greater than 0',
    ],
    [
      { channels: { t: { stages: [{ stage: 'take' }] } } },
      'channels.t.stages[0].count: expected a positive integer, found nothing',
    ],
    [{ channels: { 'no/name': {} } }, 'channels.no/name'],
    [{ channels: {} }, 'channels: expected at least one channel'],
    [
      { channels: { a: {}, b: {} } },
      'combine: expected { "how": "zip" | "merge" | "concat" | "sample" | "choose" }, because there are several channels (a, b)',
    ],
    [
      { channels: { a: {}, b: {} }, combine: { how: 'sample', weights: { a: 1 } } },
      'combine.weights.b: expected a weight for the channel b',
    ],
    [
      { channels: { a: {}, b: {} }, combine: { how: 'sample', weights: { a: 1, b: 1, c: 1 } } },
      'combine.weights.c: there is no channel c',
    ],
    [
      { channels: { a: {}, b: {} }, combine: { how: 'choose', sequence: ['a', 'c'] } },
      'combine.sequence[1]: there is no channel c',
    ],
    [
      { channels: { a: {}, b: {} }, combine: { how: 'choose', sequence: ['a'] } },
      'combine.sequence: expected the sequence to contain the channel b',
    ],
    [
      { channels: { t: {} }, stages: [{ stage: 'prefetch' }] },
      'stages[0]: expected at least one of the options "items" and "bytes"',
    ],
    [{ channels: { t: {} }, stage: [] }, 'unknown key "stage": did you mean "stages"?'],
  ])('refuses %j, saying where and what was expected', (spec, message) => {
    expect(fault(spec)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining(message) }),
    );
  });

  it.each([
    [{ channels: { train: { openTimeoutMs: 1e12 } } }, 'channels.train.openTimeoutMs'],
    [{ channels: { train: { recordFormat: 'TFRecord', maxRecordBytes: 3e9 } } }, 'channels.train.maxRecordBytes'],
    [{ channels: { train: { files: 's3://bucket/key' } } }, 'channels.train.files'],
    [{ channels: { train: { files: 'a', idleTimeoutMs: 1 } } }, 'channels.train.idleTimeoutMs'],
    [
      { channels: { train: {} }, stages: [{ stage: 'decodeCsv', recordDefaults: ['int32'], maxBadRecords: 1 }] },
      'stages[0].maxBadRecords',
    ],
    [{ channels: { a: {}, b: {} }, combine: { how: 'sample', weights: { a: 0, b: 0 } } }, 'combine.weights'],
  ])('gives the error of %j the path in the declaration', (spec, path) => {
    expect(fault(spec)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG', path }));
  });

  it('goes on after lost framing in RecordIO if the channel says resync', async () => {
    const file = join(newFolder(), 'data');
    const [one, two] = ['one', 'two'].map((text) => encodeRecordIO(Buffer.from(text)));
    writeFileSync(file, Buffer.concat([one!, Buffer.from('lost'), two!]));
    const read = (resync: boolean) => all(definePipeline({ channels: { train: { files: file, resync } } }));
    expect((await read(true)).map((record) => Buffer.from(record).toString())).toEqual(['one', 'two']);
    await expect(read(false)).rejects.toMatchObject({ code: 'ERR_FORMAT_MALFORMED' });
  });

  it('notifies which feature a stage misses', async () => {
    const baseDir = await serve({ train: lines('a') });
    const spec = {
      channels: { train: { recordFormat: 'TextLine' } },
      stages: [{ stage: 'scale', feature: 'image', factor: 2 }],
    } as const;
    await expect(all(definePipeline(spec, { baseDir }))).rejects.toMatchObject({ code: 'ERR_VALUE', path: 'image' });
  });

  it.each([
    [
      'a stage of all',
      { train: { recordFormat: 'TextLine' } },
      'stages[1] (decodeCsv): CSV: <fifo>, line 1: column 1 of 1: expected int64',
    ],
    [
      'a stage of a channel',
      { train: { recordFormat: 'TextLine', stages: [{ stage: 'decodeCsv', recordDefaults: ['float32'] }] } },
      'channels.train.stages[0] (decodeCsv): CSV: <fifo>, line 1: column 1 of 1: expected float32',
    ],
    [
      'the channel itself',
      { train: { recordFormat: 'TFRecord' } },
      'TFRecord: the file <fifo> is truncated: the input ends',
    ],
  ])('begins the error of %s with its place', async (_name, channels, message) => {
    const baseDir = await serve({ train: lines('1x') });
    const stages = [
      { stage: 'batch', size: 2 },
      { stage: 'decodeCsv', recordDefaults: ['int64'] },
    ];
    const failure = all(definePipeline({ channels, stages } as never, { baseDir }));
    await expect(failure).rejects.toMatchObject({
      name: 'FormatError',
      message: expect.stringMatching(startingWith(message.replace('<fifo>', join(baseDir, 'input/data/train_0')))),
    });
  });

  it('says which stage an operator refuses to make', () => {
    const stages = [{ stage: 'decodeCsv', recordDefaults: [{ dtype: 'int64', default: 'x' }] }];
    expect(fault({ channels: { t: {} }, stages })).toThrow(
      expect.objectContaining({
        path: 'stages[0].recordDefaults[0].default',
        message: expect.stringMatching(
          /^pipeline: stages\[0\]: decodeCsv: recordDefaults\[0\]\.default: expected int64/,
        ),
      }),
    );
  });
});
