import { afterAll, describe, expect, it } from '@jest/globals';
import { concat } from 'rxjs';
import type * as errors from '../../src/base/errors.js';
import type * as sources from '../../src/sources/inWorker.js';
import type { WorkerObservable } from '../../src/sources/inWorker.js';
import { all, lines } from '../operators/resuming.js';
import { compiled, compiledUrl } from '../support/compiled.js';
import { feedFifo, makeFifo } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';

// A worker of the compiled package starts without tsx, which takes most of a second.
const { inWorker } = (await import(compiled('src/sources/inWorker.ts'))) as typeof sources;
const { ConfigError } = (await import(compiled('src/base/errors.ts'))) as typeof errors;
const MODULE = new URL(compiledUrl('test/workers/threadPipelines.ts'));
const newFolder = temporaryFolders();
const opened: WorkerObservable<unknown>[] = [];
afterAll(() => Promise.all(opened.map((items$) => items$.close())));

function twoThreads(exportName: string, data: unknown): WorkerObservable<string> {
  const items$ = inWorker<string>(MODULE, { exportName, data, workers: 2 });
  opened.push(items$);
  return items$;
}

const PIPE = { TrainingInputMode: 'Pipe' };
const SHUFFLED = { ...PIPE, ShuffleConfig: { Seed: 7 } };

async function refusal(exportName: string, data: unknown): Promise<unknown> {
  return all(twoThreads(exportName, data)).catch((error: unknown) => error);
}

describe('inWorker with several workers and FIFOs', () => {
  it.each([
    ['a channel', 'dealtChannel', PIPE],
    ['a channel that is shuffled in each epoch', 'dealtChannel', SHUFFLED],
    ['a channel that does not depend on the index', 'channelLines', PIPE],
    ['a channel that each thread reads in another thread', 'nested', PIPE],
  ])('rejects %s, and names the remedy', async (_name, exportName, train) => {
    const tree = new TrainingTree(newFolder(), { train });
    for (const epoch of [0, 1]) tree.makeFifo('train', epoch);
    const error = await refusal(exportName, { baseDir: tree.baseDir });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      path: 'workers',
      message: expect.stringMatching(
        /^inWorker\(threadPipelines\.js\): .*the threads 0 and 1 both read the channel train\. .*mapInWorkers.*different channel/s,
      ),
    });
  });

  it('rejects a FIFO that two threads read', async () => {
    const path = makeFifo(`${newFolder()}/lines`);
    expect(await refusal('dealtFifo', { path })).toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringContaining(`both read the FIFO ${path}.`),
    });
  });

  it('reads a channel of its own with each thread, in each epoch', async () => {
    const tree = new TrainingTree(newFolder(), { a: SHUFFLED, b: PIPE });
    const feeding = [tree.feed('a', [lines(2, 'a'), lines(1, 'A')]), tree.feed('b', [lines(1, 'b'), lines(2, 'B')])];
    const items$ = twoThreads('channelOfThread', { baseDir: tree.baseDir, names: ['a', 'b'] });
    expect(await all(concat(items$, items$))).toEqual(['a0', 'b0', 'a1', 'A0', 'B0', 'B1']);
    await Promise.all(feeding);
  });

  it('allows that a later inWorker reads the next epoch', async () => {
    const tree = new TrainingTree(newFolder(), { a: PIPE, b: PIPE });
    const data = (names: readonly string[]) => ({ baseDir: tree.baseDir, names });
    for (const [epoch, names] of [
      ['a', 'b'],
      ['b', 'a'],
    ].entries()) {
      const paths = names.map((name) => tree.makeFifo(name, epoch));
      const feeding = paths.map((path) => feedFifo(path, lines(1, 'x')));
      expect(await all(twoThreads('channelOfThread', data(names)))).toEqual(['x0', 'x0']);
      await Promise.all(feeding);
    }
  });
});
