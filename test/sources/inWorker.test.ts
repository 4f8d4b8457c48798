import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { concat, firstValueFrom, lastValueFrom, merge, repeat, take, toArray, type Observable } from 'rxjs';
import { FormatError, MillraceError, ShapeError, ValueError, ConfigError } from '../../src/core/errors.js';
import { toAsyncIterable } from '../../src/core/toAsyncIterable.js';
import { encodeTFRecord } from '../../src/formats/encodeTFRecord.js';
import { inWorker, type InWorkerOptions, type WorkerObservable } from '../../src/sources/inWorker.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { FifoWriter, nextTurn, until } from '../support/fifoWriter.js';
import { descriptorsBelow } from '../support/openHandles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';

const MODULE = new URL('../workers/pipelines.ts', import.meta.url);
const opened: WorkerObservable<unknown>[] = [];

/** One of the pipelines of the module, closed after the test. */
function run<T = unknown>(exportName: string, options: InWorkerOptions = {}): WorkerObservable<T> {
  const items$ = inWorker<T>(MODULE, { exportName, ...options });
  opened.push(items$);
  return items$ as WorkerObservable<T>;
}
afterEach(() => Promise.all(opened.splice(0).map((items$) => items$.close())));

const newFolder = temporaryFolders();
const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));
const sharedInts = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));
const threads = (): number => readdirSync('/proc/self/task').length;

/** A counter of what the worker makes; `settled` resolves when it has stood still for long. */
function countedInWorker() {
  const made = sharedInts(1);
  const count = (): number => Atomics.load(made, 0);
  return { made, count };
}

describe('inWorker', () => {
  it('gives the items of a pipeline in their order, and completes', async () => {
    expect(await all(run('pipeline'))).toEqual(['a', 'b']);
  });
});
