import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concat, take } from 'rxjs';
import { ConfigError, FormatError } from '../../src/base/errors.js';
import type * as sources from '../../src/sources/inWorker.js';
import type { InWorkerOptions, WorkerObservable } from '../../src/sources/inWorker.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { all, lines } from '../operators/resuming.js';
import { writeFiles } from '../pipeline/recordFiles.js';
import { compiled, compiledUrl } from '../support/compiled.js';
import { nextTurn, until } from '../support/fifoWriter.js';
import { descriptorsBelow } from '../support/openHandles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';
import { runs } from '../support/runs.js';

// A worker of the compiled package starts without tsx, which takes most of a second.
const { inWorker } = (await import(compiled('src/sources/inWorker.ts'))) as typeof sources;
const MODULE = new URL(compiledUrl('test/workers/threadPipelines.ts'));
const newFolder = temporaryFolders();
const opened: WorkerObservable<unknown>[] = [];
afterAll(() => Promise.all(opened.map((items$) => items$.close())));

function run<T>(exportName: string, options: InWorkerOptions): WorkerObservable<T> {
  const items$ = inWorker<T>(MODULE, { exportName, ...options });
  opened.push(items$);
  return items$ as WorkerObservable<T>;
}

const shared = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));

type Item = readonly [thread: number, number: number];

/** A pipeline whose numbers of items the test sets in `lengths`. */
function counting(options: InWorkerOptions) {
  const lengths = shared(options.workers ?? 1);
  const made = shared(3);
  const items$ = run<Item>('counted', { data: { lengths, made }, ...options });
  return { items$, lengths, made: () => Atomics.load(made, 0), epochs: () => Atomics.load(made, 1) };
}

/** One item of each thread in turn, without the threads that have ended. */
function inTurn(lengths: readonly number[]): Item[] {
  return lengths
    .flatMap((length, thread) => Array.from({ length }, (_, number): Item => [thread, number]))
    .sort(([thread, number], [otherThread, otherNumber]) => number - otherNumber || thread - otherThread);
}

const lengthsOfThree = fc.array(fc.nat(9), { minLength: 3, maxLength: 3 });

describe('inWorker with several workers', () => {
  const three = counting({ workers: 3, items: 2 });

  it('emits one item of each thread in turn, and leaves out threads that have ended', async () => {
    await fc.assert(
      fc.asyncProperty(lengthsOfThree, async (lengths) => {
        three.lengths.set(lengths);
        expect(await all(three.items$)).toEqual(inTurn(lengths));
      }),
      { numRuns: runs(40) },
    );
  });

  it('pauses each thread at its limit of items', async () => {
    three.lengths.fill(100);
    const before = three.made();
    const { gate, items, subscription } = consumeByHand(three.items$, { onItem: (_, hand) => hand.close() });
    await until(() => three.made() - before === 6);
    for (let taken = 1; taken <= 7; taken++) {
      gate.open();
      await until(() => items.length === taken && three.made() - before >= 6 + taken);
      expect(three.made() - before).toBe(6 + taken);
    }
    subscription.unsubscribe();
  });

  it('emits each item once, in the order of each thread, if ordered is false', async () => {
    const { items$, lengths } = counting({ workers: 2, ordered: false });
    lengths.set([30, 20]);
    const items = await all(items$);
    expect(items.filter(([thread]) => thread === 0)).toEqual(inTurn([30]));
    expect([...items].sort(([, a], [, b]) => a - b).sort(([a], [b]) => a - b)).toEqual(
      [...inTurn([30, 20])].sort(([a], [b]) => a - b),
    );
  });

  it('does not wait for a slow thread if ordered is false', async () => {
    const items$ = run<number>('silentFirst', { workers: 2, ordered: false });
    expect(await all(items$.pipe(take(2)))).toEqual([1, 1]);
  });

  it('notifies the error of a thread in its place, and releases the other threads', async () => {
    const ended = shared(1);
    const { items, ending } = consumeByHand(run<number>('failing', { workers: 3, data: { ended } }), { isOpen: true });
    await until(() => ending() !== undefined);
    expect(items).toEqual([0, 1, 2, 0]);
    expect(ending()).toBeInstanceOf(FormatError);
    expect(ending()).toMatchObject({ byteOffset: 8, recordIndex: 2 });
    await until(() => Atomics.load(ended, 0) === 2);
  });

  it('names the thread that has died', async () => {
    const { items, ending } = consumeByHand(run<number>('dying', { workers: 2 }), { isOpen: true });
    await until(() => ending() !== undefined);
    expect(items).toEqual([0, 1, 0]);
    expect(ending()).toMatchObject({
      code: 'ERR_WORKER',
      message: expect.stringMatching(/^inWorker\(threadPipelines\.js\)\[1\]: .*exit code 4/),
    });
  });

  it('rejects a pipeline that does not read its index', async () => {
    for (const exportName of ['alike', 'notAFunction']) {
      const error = await all(run(exportName, { workers: 2 })).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ path: 'workers', message: expect.stringContaining(exportName) });
    }
    expect(await all(run('alike', {}))).toEqual([1]);
  });

  it('emits records that are dealt one by one in the order of one thread', async () => {
    const folder = newFolder();
    writeFiles(folder, { 'a.txt': lines(7, 'a'), 'b.txt': lines(4, 'b') });
    const data = { pattern: join(folder, '*') };
    const one = await all(run('lines', { data }));
    expect(one).toHaveLength(11);
    expect(await all(run('lines', { data, workers: 2 }))).toEqual(one);
  });
});

describe('inWorker with epochs', () => {
  it('starts the next epoch while the last items wait, within the limit of items, and none after the last epoch', async () => {
    const { items$, lengths, made, epochs } = counting({ items: 4, epochs: 2 });
    lengths.fill(5);
    const first = consumeByHand(items$, { onItem: (_, hand) => hand.close() });
    for (let taken = 1; taken <= 3; taken++) {
      first.gate.open();
      await until(() => first.items.length === taken);
    }
    // Two items of this epoch and two of the next are not taken.
    await until(() => made() === 7);
    expect(epochs()).toBe(2);
    first.gate.open();
    await until(() => made() === 8);
    while (first.ending() === undefined) {
      first.gate.open();
      await nextTurn();
    }
    expect(await all(items$)).toEqual(inTurn([5]));
    expect([made(), epochs()]).toEqual([10, 2]);
    expect(await all(items$)).toEqual(inTurn([5]));
    expect([made(), epochs()]).toEqual([15, 3]);
  });

  it('emits each epoch from its start, however many items of the earlier epochs were taken', async () => {
    const { items$, lengths } = counting({ items: 3, epochs: 1_000_000, workers: 2 });
    const taken = fc.integer({ min: 1, max: 11 });
    lengths.set([5, 4]);
    await fc.assert(
      fc.asyncProperty(fc.array(taken, { minLength: 1, maxLength: 5 }), async (passes) => {
        for (const count of passes) {
          expect(await all(items$.pipe(take(count)))).toEqual(inTurn([5, 4]).slice(0, count));
        }
      }),
      { numRuns: runs(60) },
    );
  });

  it('reads each FIFO once, opens none after the last epoch, and closes an unread FIFO with close()', async () => {
    const tree = new TrainingTree(newFolder());
    const feeding = tree.feed('train', [lines(3, 'a'), lines(2, 'b'), lines(2, 'c')]);
    const data = { baseDir: tree.baseDir };
    const two$ = run<string>('channelLines', { data, epochs: 2 });
    expect(await all(concat(two$, two$))).toEqual(['a0', 'a1', 'a2', 'b0', 'b1']);
    expect(tree.readState('train')).toBe('2');
    const third$ = run<string>('channelLines', { data, epochs: 2, items: 20 });
    const path = tree.makeFifo('train', 3);
    expect(await all(third$)).toEqual(['c0', 'c1']);
    await feeding;
    await until(() => descriptorsBelow(path).length > 0);
    await third$.close();
    expect(descriptorsBelow(path)).toEqual([]);
  });
});
