import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { map, type Observable } from 'rxjs';
import { z } from 'zod';
import type * as declared from '../../../src/pipeline/declared/definePipeline.js';
import { definePipeline, type DefinePipelineOptions } from '../../../src/pipeline/declared/definePipeline.js';
import type { PipelineSpec } from '../../../src/pipeline/declared/pipelineSpec.js';
import { defineStage } from '../../../src/pipeline/declared/stageDefinition.js';
import { httpStore } from '../../../src/stores/httpStore.js';
import { folderStore } from '../../agent/folderStore.js';
import { all } from '../../sinks/support/numbered.js';
import { compiled } from '../../support/compiled.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { TrainingTree } from '../../support/trainingTree.js';

const newFolder = temporaryFolders();

function write(path: string, ...lines: string[]): void {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
}

/** Changes the content, but neither the size nor the time, so that only a snapshot has the old content. */
function writeUnseen(path: string, ...lines: string[]): void {
  const before = statSync(path, { bigint: true });
  write(path, ...lines);
  utimesSync(path, Number(before.atimeMs) / 1000, Number(before.mtimeMs) / 1000);
}

/** Writes a file whose time has no fraction of a millisecond, so that `utimes` can restore it. */
function writeOld(path: string, ...lines: string[]): void {
  write(path, ...lines);
  utimesSync(path, 1_700_000_000, 1_700_000_000);
}

async function read(spec: PipelineSpec, options?: DefinePipelineOptions, define = definePipeline): Promise<unknown[]> {
  const text = (item: unknown): unknown => {
    if (item instanceof Uint8Array) return Buffer.from(item).toString();
    if (Array.isArray(item)) return item.map(text);
    if (typeof item === 'object' && item !== null) return Object.values(item).map(text);
    return item;
  };
  return (await all<unknown>(define(spec, options))).map(text);
}

const LINES = { recordFormat: 'TextLine' } as const;

describe('the stage snapshot', () => {
  it('reads the snapshot as long as nothing above it changes', async () => {
    const [data, folder] = [newFolder(), newFolder()];
    const file = join(data, 'a.txt');
    const spec = (size: number, above: object[] = [{ stage: 'skip', count: 1 }]): PipelineSpec => ({
      channels: { train: { files: data, ...LINES } },
      stages: [...above, { stage: 'snapshot', folder }, { stage: 'batch', size }] as never,
    });
    writeOld(file, '0', '1', '2');
    expect(await read(spec(1))).toEqual([['1'], ['2']]);
    writeUnseen(file, '7', '8', '9');
    expect(await read(spec(2))).toEqual([['1', '2']]);
    expect(await read(spec(2, [{ stage: 'skip', count: 2 }]))).toEqual([['9']]);
    expect(await read(spec(2, []))).toEqual([['7', '8'], ['9']]);
    expect(await read(spec(1))).toEqual([['1'], ['2']]);
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it.each([
    ['a changed file of the same size', (data: string) => write(join(data, 'a.txt'), '5')],
    ['a longer file', (data: string) => writeOld(join(data, 'a.txt'), '5', '6')],
    ['a new file', (data: string) => writeOld(join(data, 'b.txt'), '5')],
  ])('writes a new snapshot for %s', async (_what, change) => {
    const [data, folder] = [newFolder(), newFolder()];
    const spec: PipelineSpec = {
      channels: { train: { files: data, ...LINES } },
      stages: [{ stage: 'snapshot', folder }],
    };
    writeOld(join(data, 'a.txt'), '1');
    expect(await read(spec)).toEqual(['1']);
    change(data);
    expect(await read(spec)).toContain('5');
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('depends on the channels, their options and their combination', async () => {
    const [data, folder] = [newFolder(), newFolder()];
    for (const name of ['a', 'b']) writeOld(join(data, name), name);
    const spec = (channels: PipelineSpec['channels'], how: string): PipelineSpec => ({
      channels,
      combine: { how } as never,
      stages: [{ stage: 'snapshot', folder }],
    });
    const a = { files: join(data, 'a'), ...LINES };
    const b = { files: join(data, 'b'), ...LINES };
    expect(await read(spec({ a, b }, 'concat'))).toEqual(['a', 'b']);
    expect(await read(spec({ b, a }, 'concat'))).toEqual(['b', 'a']);
    expect(await read(spec({ a, b }, 'zip'))).toEqual([['a', 'b']]);
    expect(await read(spec({ a, b: { ...b, encoding: 'utf8' } }, 'concat'))).toEqual(['a', 'b']);
    expect(await read(spec({ a, b: { ...b, stages: [{ stage: 'repeat', count: 2 }] } }, 'concat'))).toEqual([
      'a',
      'b',
      'b',
    ]);
    expect(readdirSync(folder)).toHaveLength(5);
  });

  it('can be a stage of one channel, and then does not depend on the others', async () => {
    const [data, folder] = [newFolder(), newFolder()];
    for (const name of ['a', 'b']) writeOld(join(data, name), name);
    const spec: PipelineSpec = {
      channels: {
        a: { files: join(data, 'a'), ...LINES, stages: [{ stage: 'snapshot', folder }] },
        b: { files: join(data, 'b'), ...LINES },
      },
      combine: { how: 'concat' },
    };
    expect(await read(spec)).toEqual(['a', 'b']);
    writeUnseen(join(data, 'a'), 'x');
    write(join(data, 'b'), 'y');
    expect(await read(spec)).toEqual(['a', 'y']);
  });

  it('needs a key below a stage with code, and the key is a part of the key', async () => {
    const [data, folder] = [newFolder(), newFolder()];
    writeOld(join(data, 'a'), '1');
    let added = 'x';
    const append = defineStage({
      name: 'append',
      options: z.strictObject({}),
      build: () => map((line: Uint8Array) => Buffer.concat([line, Buffer.from(added)])),
    });
    const spec = (key?: string): PipelineSpec => ({
      channels: { train: { files: data, ...LINES } },
      stages: [{ stage: 'append' }, { stage: 'snapshot', folder, ...(key !== undefined && { key }) }],
    });
    const options = { stages: [append] };
    expect(() => definePipeline(spec(), options)).toThrow(
      expect.objectContaining({
        path: 'stages[1].key',
        message: expect.stringMatching(
          /^pipeline: stages\[1\]: snapshot: key: expected a text such as "v1", because Millrace cannot detect whether the code of append changes\./,
        ),
      }),
    );
    expect(await read(spec('v1'), options)).toEqual(['1x']);
    added = 'y';
    expect(await read(spec('v1'), options)).toEqual(['1x']);
    expect(await read(spec('v2'), options)).toEqual(['1y']);
    const mapped: PipelineSpec = {
      channels: { train: { files: data, ...LINES } },
      stages: [
        { stage: 'mapInWorkers', module: 'm' },
        { stage: 'snapshot', folder },
      ],
    };
    expect(() => definePipeline(mapped, { modules: { m: new URL('file:///m.js') } })).toThrow(
      /the code of mapInWorkers/,
    );
  });

  it('needs a key for a channel in Pipe mode', async () => {
    const { baseDir } = new TrainingTree(newFolder());
    const spec = { channels: { train: LINES }, stages: [{ stage: 'snapshot', folder: newFolder() }] } as const;
    await expect(all(definePipeline(spec, { baseDir }) as Observable<unknown>)).rejects.toThrow(
      /^stages\[0\] \(snapshot\): snapshot: key: expected a text such as "v1", because .* the data of a Pipe mode channel changes/,
    );
  });

  it('reads a channel in Pipe mode only once with a key', async () => {
    const tree = new TrainingTree(newFolder());
    const spec = {
      channels: { train: LINES },
      stages: [{ stage: 'snapshot', folder: newFolder(), key: 'v1' }],
    } as const;
    const feeding = tree.feed('train', [Buffer.from('1\n2\n')]);
    expect(await read(spec, { baseDir: tree.baseDir })).toEqual(['1', '2']);
    await feeding;
    expect(await read(spec, { baseDir: tree.baseDir })).toEqual(['1', '2']);
  });

  it('depends on the files of a channel in File mode, and on the host', async () => {
    const folder = newFolder();
    const job = (host: string, ...lines: string[]): DefinePipelineOptions => {
      const { baseDir } = new TrainingTree(newFolder(), { train: { TrainingInputMode: 'File' } });
      mkdirSync(join(baseDir, 'input/data/train'));
      writeOld(join(baseDir, 'input/data/train/a'), ...lines);
      const resource = { current_host: host, hosts: ['algo-1', 'algo-2'], network_interface_name: 'eth0' };
      writeFileSync(join(baseDir, 'input/config/resourceconfig.json'), JSON.stringify(resource));
      return { baseDir };
    };
    const spec: PipelineSpec = { channels: { train: LINES }, stages: [{ stage: 'snapshot', folder }] };
    expect(await read(spec, job('algo-1', '1'))).toEqual(['1']);
    // Another container with the same files.
    expect(await read(spec, job('algo-1', '2'))).toEqual(['1']);
    expect(await read(spec, job('algo-2', '3'))).toEqual(['3']);
    expect(await read(spec, job('algo-1', '4', '5'))).toEqual(['4', '5']);
  });

  it('runs in a worker', async () => {
    const [data, folder] = [newFolder(), newFolder()];
    writeOld(join(data, 'a'), '1', '2');
    const spec: PipelineSpec = {
      channels: { train: { files: data, ...LINES } },
      stages: [{ stage: 'snapshot', folder }],
      worker: true,
    };
    // A worker of the compiled package starts without tsx, which takes most of a second.
    const code = (await import(compiled('src/pipeline/declared/definePipeline.ts'))) as typeof declared;
    expect(await read(spec, {}, code.definePipeline)).toEqual(['1', '2']);
    writeUnseen(join(data, 'a'), '3', '4');
    expect(await read(spec, {}, code.definePipeline)).toEqual(['1', '2']);
    expect(await read({ ...spec, worker: false })).toEqual(['1', '2']);
  });

  it('writes to a store that the code has passed', async () => {
    const [data, folder] = [newFolder(), newFolder()];
    writeOld(join(data, 'a'), '1');
    const store = folderStore(folder);
    const spec: PipelineSpec = {
      channels: { train: { files: data, ...LINES } },
      stages: [{ stage: 'snapshot', folder: 's3://bucket/s' }],
    };
    expect(await read(spec, { store: [httpStore(), store] })).toEqual(['1']);
    writeUnseen(join(data, 'a'), '2');
    expect(await read(spec, { store })).toEqual(['1']);
    expect(() => definePipeline(spec)).toThrow(
      /^pipeline: stages\[0\]: snapshot: store: s3:\/\/ needs a store that writes it/,
    );
    const https = { ...spec, stages: [{ stage: 'snapshot', folder: 'https://host/s' }] };
    expect(() => definePipeline(https, { store: httpStore() })).toThrow(/snapshot: store: this store cannot write/);
  });

  it('checks its options', () => {
    const stages = (options: object): PipelineSpec => ({
      channels: { train: { files: 'a', ...LINES } },
      stages: [{ stage: 'snapshot', ...options }],
    });
    expect(() => definePipeline(stages({}))).toThrow(/stages\[0\]\.folder: /);
    expect(() => definePipeline(stages({ folder: '' }))).toThrow(/stages\[0\]\.folder: expected a path or a URL/);
    expect(() => definePipeline(stages({ folder: 'a', key: 1 }))).toThrow(/stages\[0\]\.key: /);
    expect(() => definePipeline(stages({ folder: 'a', maxBytes: 1 }))).toThrow(/maxBytes/);
  });
});
