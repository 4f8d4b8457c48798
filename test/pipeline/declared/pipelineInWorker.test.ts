import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { lastValueFrom, map, repeat, toArray, type Observable } from 'rxjs';
import { z } from 'zod';
import type * as operators from '../../../operators/report.js';
import { startLocalAgent, type LocalAgent } from '../../../src/agent/startLocalAgent.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import type * as declared from '../../../src/pipeline/declared/definePipeline.js';
import type { DefinePipelineOptions } from '../../../src/pipeline/declared/definePipeline.js';
import type { PipelineSpec } from '../../../src/pipeline/declared/pipelineSpec.js';
import { defineStage } from '../../../src/pipeline/declared/stageDefinition.js';
import { startMillrace } from '../../cli/millrace.js';
import { compiled, compiledUrl } from '../../support/compiled.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

// A worker of the compiled package starts without tsx, which takes most of a second.
const { definePipeline } = (await import(compiled('src/pipeline/declared/definePipeline.ts'))) as typeof declared;
const { report } = (await import(compiled('operators/report.ts'))) as typeof operators;

const newFolder = temporaryFolders();
let agent: LocalAgent | undefined;
afterEach(() => agent?.close());

const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));

/** Starts a job whose channel `train` contains fifty examples. */
async function serve(): Promise<LocalAgent> {
  const folder = newFolder();
  const records = Array.from({ length: 50 }, (_, label) =>
    encodeTFRecord(encodeExample({ label: { int64List: [label] }, id: { bytesList: [Buffer.from(`id ${label}`)] } })),
  );
  mkdirSync(join(folder, 'train'));
  writeFileSync(join(folder, 'train', 'data'), Buffer.concat(records));
  const S3DataSource = { S3DataType: 'S3Prefix', S3Uri: join(folder, 'train') } as const;
  agent = await startLocalAgent({ InputDataConfig: [{ ChannelName: 'train', DataSource: { S3DataSource } }] });
  return agent;
}

const SPEC = {
  channels: { train: { recordFormat: 'TFRecord' } },
  stages: [
    { stage: 'shuffle', bufferSize: 50, seed: 7 },
    { stage: 'batch', size: 16 },
    {
      stage: 'parseExample',
      features: {
        label: { kind: 'fixedLen', shape: [], dtype: 'int64' },
        id: { kind: 'fixedLen', shape: [], dtype: 'bytes' },
      },
    },
    { stage: 'oneHot', feature: 'label', depth: 50 },
  ],
} as const satisfies PipelineSpec;

/** Converts typed arrays to numbers, to compare batches of two threads. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      ArrayBuffer.isView(part) ? Array.from(part as unknown as Iterable<number>) : part,
    ),
  );

describe('definePipeline with worker', () => {
  it('emits the same batches as without a worker, in each epoch', async () => {
    const { baseDir } = await serve();
    const here = await all(definePipeline(SPEC, { baseDir }).pipe(repeat(2)));
    const there = await all(definePipeline({ ...SPEC, worker: { items: 2 } }, { baseDir }).pipe(repeat(2)));
    expect(there.map(({ id }) => id.data.length)).toEqual([16, 16, 16, 2, 16, 16, 16, 2]);
    expect(plain(there)).toEqual(plain(here));
  });

  it('is reported by the name of its key', async () => {
    const { baseDir } = await serve();
    const watched = report();
    await all(definePipeline({ ...SPEC, worker: true }, { baseDir }).pipe(watched));
    expect(watched.read().stages.map(({ name }) => name)).toEqual(['worker']);
  });

  it('maps in workers through a module that the code names, also from within a worker', async () => {
    const { baseDir } = await serve();
    const modules = { twice: new URL(compiledUrl('test/workers/functions.ts')) };
    const spec = {
      channels: {
        train: { recordFormat: 'TFRecord', stages: [{ stage: 'mapInWorkers', module: 'twice', workers: 1 }] },
      },
    } as const;
    for (const worker of [false, true]) {
      const items = await all(definePipeline({ ...spec, worker }, { baseDir, modules }));
      expect(items.map((item) => (item as { index: number }).index)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    }
  });

  it('refuses your own stages, unknown modules and invalid options', () => {
    const fault = (spec: unknown, options?: DefinePipelineOptions) => () => definePipeline(spec as never, options);
    const mapping = (module: string): unknown => ({ ...SPEC, stages: [{ stage: 'mapInWorkers', module }] });
    expect(fault(mapping('./twice.js'))).toThrow(
      /stages\[0\]\.module: mapInWorkers needs the URL of a module, but "modules" in the options of definePipeline contains none/,
    );
    expect(fault(SPEC, { module: {} } as never)).toThrow(
      'definePipeline: unknown key "module": did you mean "modules"?',
    );
    const modules = { twice: new URL('file:///twice.js') };
    expect(fault(mapping('thrice'), { modules })).toThrow(/expected one of twice, found "thrice"/);
    expect(fault({ ...SPEC, worker: { items: 0 } })).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
    const own = defineStage({ name: 'own', options: z.strictObject({}), build: () => map((item: unknown) => item) });
    expect(fault({ ...SPEC, worker: true }, { stages: [own] })).toThrow(
      expect.objectContaining({ path: 'worker', message: expect.stringContaining('call inWorker with a module') }),
    );
    expect(fault({ ...SPEC, worker: true, stages: [{ stage: 'batch', size: 'x' }] })).toThrow(/stages\[0\]\.size/);
  });
});

describe('millrace run', () => {
  it('runs a pipeline in a worker, and ends', async () => {
    const { environment } = await serve();
    const path = join(newFolder(), 'pipeline.json');
    writeFileSync(path, JSON.stringify({ ...SPEC, worker: true }));
    const { exitCode, stderr } = await startMillrace(['run', path], environment).ended;
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/^millrace: 4 items/)]);
  });
});
