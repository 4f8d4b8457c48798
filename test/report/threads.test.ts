import { afterAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type * as mapping from '../../operators/mapInWorkers.js';
import type * as reporting from '../../operators/report.js';
import type * as consumers from '../../src/consumers/toAsyncIterable.js';
import { sumOf } from '../../src/base/sumOf.js';
import type * as sources from '../../src/sources/inWorker.js';
import { compiled, compiledUrl } from '../support/compiled.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

// A worker of the compiled package starts without tsx, which takes most of a second.
const { inWorker } = (await import(compiled('src/sources/inWorker.ts'))) as typeof sources;
const { mapInWorkers } = (await import(compiled('operators/mapInWorkers.ts'))) as typeof mapping;
const { report } = (await import(compiled('operators/report.ts'))) as typeof reporting;
const { toAsyncIterable } = (await import(compiled('src/consumers/toAsyncIterable.ts'))) as typeof consumers;

const newFolder = temporaryFolders();

describe('the threads in a report', () => {
  const lengths = new Int32Array(new SharedArrayBuffer(8)).fill(6);
  const made = new Int32Array(new SharedArrayBuffer(12));
  const module = (name: string) => new URL(compiledUrl(`test/workers/${name}.ts`));
  const items$ = inWorker(module('threadPipelines'), { exportName: 'counted', workers: 2, data: { lengths, made } });
  afterAll(() => items$.close());

  it('have the items of all epochs, and their work and waits, in the page, the trace and the figures', async () => {
    const folder = newFolder();
    const [page, trace] = [join(folder, 'report.html'), join(folder, 'trace.json')];
    const watched = report({ page, trace });
    const map = { exportName: 'map', workers: 2, idleTimeoutMs: 0, data: { plus: 1 } };
    const mapped$ = items$.pipe(mapInWorkers(module('functions'), map), watched);
    let count = 0;
    for (let epoch = 0; epoch < 2; epoch++) for await (const _ of toAsyncIterable(mapped$)) count++;
    expect(count).toBe(24);
    const [read, mapping] = watched.read().stages;
    expect(read?.threads.map(({ name, items }) => ({ name, items }))).toEqual([
      { name: 'thread 0', items: 12 },
      { name: 'thread 1', items: 12 },
    ]);
    expect(sumOf(mapping?.threads.map(({ items }) => items) ?? [])).toBe(24);
    for (const { workMs, waitMs } of [...(read?.threads ?? []), ...(mapping?.threads ?? [])]) {
      expect(workMs).toBeGreaterThan(0);
      expect(waitMs).toBeGreaterThanOrEqual(0);
    }
    expect(readFileSync(page, 'utf8')).toMatch(/thread 0: [\d.]+ % work, [\d.]+ % waiting, .*thread 1: /s);
    expect(readFileSync(trace, 'utf8')).toContain('"name":"thread 1 of inWorker(threadPipelines');
  });
});
