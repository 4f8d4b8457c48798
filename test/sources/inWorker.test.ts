import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { concat, firstValueFrom, lastValueFrom, merge, repeat, toArray, type Observable } from 'rxjs';
import { FormatError, MillraceError, ValueError, ConfigError } from '../../src/base/errors.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import * as sources from '../../src/sources/inWorker.js';
import type { InWorkerOptions, WorkerObservable } from '../../src/sources/inWorker.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { compiled, compiledUrl } from '../support/compiled.js';
import { FifoWriter, nextTurn, until } from '../support/fifoWriter.js';
import { descriptorsBelow } from '../support/openHandles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';

// A worker of the compiled package starts without tsx, which takes most of a second.
const { inWorker } = (await import(compiled('src/sources/inWorker.ts'))) as typeof sources;

const SOURCE_MODULE = new URL('../workers/pipelines.ts', import.meta.url);
const MODULE = new URL(compiledUrl('test/workers/pipelines.ts'));
/** A worker with this module loads more of the package. */
const RECORD_MODULE = new URL(compiledUrl('test/workers/recordPipelines.ts'));
const RECORD_PIPELINES = 'shuffled leftovers cached withConstant repeated records blockedRecords'.split(' ');
const opened: WorkerObservable<unknown>[] = [];

/** Runs a pipeline of the modules. It is closed after the test. */
function run<T = unknown>(exportName: string, options: InWorkerOptions = {}): WorkerObservable<T> {
  const module = RECORD_PIPELINES.includes(exportName) ? RECORD_MODULE : MODULE;
  const items$ = inWorker<T>(module, { exportName, ...options });
  opened.push(items$);
  return items$ as WorkerObservable<T>;
}
afterEach(() => Promise.all(opened.splice(0).map((items$) => items$.close())));

const newFolder = temporaryFolders();
const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));
const sharedInts = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));
const threads = (): number => readdirSync('/proc/self/task').length;

describe('inWorker', () => {
  it('emits the items of a pipeline in order, and completes', async () => {
    expect(await all(run('pipeline'))).toEqual(['a', 'b']);
    expect(await all(run('echo', { data: [1, 'two', undefined, null, 3n] }))).toEqual([1, 'two', undefined, null, 3n]);
  });

  it('runs a pipeline of a TypeScript module, also if the package is TypeScript', async () => {
    for (const start of [inWorker, sources.inWorker]) {
      const items$ = start<string>(SOURCE_MODULE, { exportName: 'pipeline' });
      opened.push(items$);
      expect(await all(items$)).toEqual(['a', 'b']);
    }
  });

  it('runs again for each subscription, in one thread that is kept', async () => {
    const items$ = run<{ length: number }>('shuffled');
    const epochs = [...(await all(items$.pipe(repeat(2)))), ...(await all(items$))].map(String);
    expect(new Set(epochs).size).toBe(3);
    const here = run('shuffled');
    expect((await all(here.pipe(repeat(3)))).map(String)).toEqual(epochs);
  });

  it('does not move the items of cache', async () => {
    const batches$ = run<{ data: Float32Array }>('cached');
    const [first, second] = [await all(batches$), await all(batches$)];
    expect(second).toEqual(first);
    expect(first.map(({ data }) => [data.length, data[0], data[3999]])).toEqual([
      [4000, 0, 3],
      [4000, 4, 7],
    ]);
  });

  it('moves the memory of new batches, unless move is none', async () => {
    const leftovers = async (options?: InWorkerOptions): Promise<unknown[]> =>
      (await all(run('leftovers', options))).filter((_, index) => index % 2 === 1);
    expect(await leftovers()).toEqual([0, 0]);
    expect(await leftovers({ move: 'none' })).toEqual([16_000, 16_000]);
  });

  it('does not move memory of the module, unless move is all', async () => {
    const batches = await all(run<{ ys: { data: Float32Array } }>('withConstant'));
    expect(batches.map(({ ys }) => [ys.data.length, ys.data[999]])).toEqual([
      [1000, 7],
      [1000, 7],
    ]);
    await expect(all(run('withConstant', { move: 'all' }))).rejects.toThrow(/the memory of ys.data was already moved/);
  });

  it('fails if moved memory is emitted again', async () => {
    const error = await all(run('repeated')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ValueError);
    expect(error).toMatchObject({ path: 'data', message: expect.stringContaining("move: 'none'") });
    expect(await all(run('repeated', { move: 'none' }))).toHaveLength(2);
  });

  describe('obeys demand across threads', () => {
    const made = sharedInts(1);
    const count = (): number => Atomics.load(made, 0);

    it('in items', async () => {
      Atomics.store(made, 0, 0);
      const items$ = run<number>('numbers', { items: 5, data: { count: 1000, made } });
      const { gate, items, subscription } = consumeByHand(items$, { onItem: (_, hand) => hand.close() });
      await until(() => count() === 5);
      for (let taken = 1; taken <= 20; taken++) {
        gate.open();
        await until(() => items.length === taken && count() >= 5 + taken);
        expect(count()).toBe(5 + taken);
      }
      subscription.unsubscribe();
      await items$.close();
      expect([count(), items]).toEqual([25, Array.from({ length: 20 }, (_, i) => i)]);
    });

    it('in bytes, with one item more than fits', async () => {
      Atomics.store(made, 0, 0);
      const items$ = run('arrays', { items: 100, bytes: 2500, data: { count: 1000, made, bytes: 1000 } });
      const { gate, items } = consumeByHand(items$, { onItem: (_, hand) => hand.close() });
      await until(() => count() === 3);
      gate.open();
      await until(() => items.length === 1 && count() >= 4);
      await items$.close();
      expect(count()).toBe(4);
    });

    it('and an item larger than the limit is sent alone', async () => {
      Atomics.store(made, 0, 0);
      const items$ = run('arrays', { bytes: 10, data: { count: 3, made, bytes: 1000 } });
      expect(await all(items$)).toHaveLength(3);
    });

    it('while the thread that consumes is blocked', async () => {
      Atomics.store(made, 0, 0);
      const iterator = toAsyncIterable(run('numbers', { items: 3, data: { count: 1000, made } }))[
        Symbol.asyncIterator
      ]();
      expect(await iterator.next()).toEqual({ done: false, value: 0 });
      // Blocks this thread until the worker has made its items, so the event loop does not turn.
      while (count() < 4) Atomics.wait(sharedInts(1), 0, 0, 1);
      expect(count()).toBe(4);
      await iterator.return?.();
    });
  });

  it('queues the items of an RxJS operator that ignores demand, and reports the overrun', async () => {
    const { gate, items, ending } = consumeByHand(run('pushing', { items: 2 }));
    gate.open();
    await until(() => ending() !== undefined);
    expect([items.length, ending()]).toEqual([20, 'complete']);
  });

  it('serves several subscriptions at the same time', async () => {
    const items$ = run('echo', { data: [1, 2, 3], items: 1 });
    expect((await all(merge(items$, items$))).sort()).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it('reads a channel in the worker, epoch by epoch', async () => {
    const tree = new TrainingTree(newFolder());
    const feeding = tree.feed('train', [encodeTFRecord(Buffer.from('one')), encodeTFRecord(Buffer.from('two'))]);
    const records$ = run<Uint8Array>('records', { data: { baseDir: tree.baseDir } });
    const records = await all(concat(records$, records$));
    await feeding;
    expect(records.map((record) => Buffer.from(record).toString())).toEqual(['one', 'two']);
    expect(records.map(({ buffer }) => buffer.byteLength)).toEqual([8, 8]);
    expect(tree.readState('train')).toBe('2');
  });

  it('closes the FIFO when it is unsubscribed, and keeps the thread', async () => {
    const tree = new TrainingTree(newFolder());
    const fifo = tree.makeFifo('train', 0);
    const records$ = run<Uint8Array>('records', { data: { baseDir: tree.baseDir } });
    const consumer = consumeByHand(records$, { isOpen: true });
    const writer = await FifoWriter.open(fifo);
    await writer.write(encodeTFRecord(Buffer.from('one')));
    await until(() => consumer.items.length === 1);
    expect(descriptorsBelow(tree.baseDir)).toHaveLength(2);
    consumer.subscription.unsubscribe();
    await until(() => descriptorsBelow(tree.baseDir).length === 1);
    writer.close();
    const feeding = feed(tree.makeFifo('train', 1), 'two');
    expect(String(Buffer.from(await firstValueFrom(records$)))).toBe('two');
    await feeding;
  });

  it('ends a thread that does not stop in time, closes its FIFO, and warns', async () => {
    const tree = new TrainingTree(newFolder());
    const fifo = tree.makeFifo('train', 0);
    const flags = sharedInts(2);
    const before = threads();
    const records$ = run('blockedRecords', { data: { baseDir: tree.baseDir, flags }, unsubscribeTimeoutMs: 10 });
    const consumer = consumeByHand(records$, { isOpen: true });
    const writer = await FifoWriter.open(fifo);
    await writer.write(encodeTFRecord(Buffer.from('one')));
    await until(() => Atomics.load(flags, 0) === 1);
    const warnings = await collectWarnings(async () => {
      consumer.subscription.unsubscribe();
      await until(() => descriptorsBelow(tree.baseDir).length === 1);
    });
    expect(warnings).toEqual([{ code: 'MILLRACE_WORKER_ENDED', message: expect.stringContaining('within 10 ms') }]);
    await until(() => threads() <= before);
    writer.close();
  });

  it('keeps a thread that does not stop in time, if it has another subscription', async () => {
    const flags = sharedInts(2);
    const items$ = run('blocked', { data: { flags }, unsubscribeTimeoutMs: 10 });
    const first = consumeByHand(items$, { isOpen: true });
    await until(() => first.items.length === 1 && Atomics.load(flags, 0) === 1);
    const second = consumeByHand(items$, { isOpen: true });
    first.subscription.unsubscribe();
    // When the work continues, it throws nothing and ends nothing. Then the second subscription starts.
    await until(() => Atomics.notify(flags, 1) > 0);
    await until(() => second.items.length === 1);
    expect(second.ending()).toBeUndefined();
  });

  it('ends at once with the reason of an abort, and ends its thread', async () => {
    const before = threads();
    const abort = new AbortController();
    const items$ = run('silent', { signal: abort.signal });
    const reason = new Error('stopped from outside');
    const consumer = consumeByHand(items$, { isOpen: true });
    await until(() => threads() > before);
    abort.abort(reason);
    expect(consumer.ending()).toBe(reason);
    await until(() => threads() <= before);
    expect(consumeByHand(items$, { isOpen: true }).ending()).toBe(reason);
  });

  it('ends its thread on close(), notifies an error to subscribers, and starts another for the next one', async () => {
    const before = threads();
    const items$ = run('silent');
    const consumer = consumeByHand(items$, { isOpen: true });
    await items$.close();
    expect(consumer.ending()).toMatchObject({ code: 'ERR_WORKER', message: expect.stringContaining('close()') });
    await until(() => threads() <= before);
    const again = run('pipeline');
    await all(again);
    await again.close();
    expect(await all(again)).toEqual(['a', 'b']);
  });

  it('notifies an error as an instance of its class, with its fields and causes, after the earlier items', async () => {
    const { items, ending } = consumeByHand(run('failing'), { isOpen: true });
    await until(() => ending() !== undefined);
    const error = ending() as FormatError;
    expect(items).toEqual([1]);
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({
      name: 'FormatError',
      code: 'ERR_FORMAT_TRUNCATED',
      message: 'TFRecord: is cut (record 3, byte offset 12)',
      kind: 'truncated',
      byteOffset: 12,
      recordIndex: 3,
    });
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause).toMatchObject({ message: 'the cause' });
    expect(error.stack).toContain('pipelines.js');
  });

  it.each([
    ['exit', /has ended with exit code 3/],
    ['throw', /because of an uncaught error: TypeError: nobody catches it/],
    ['reject', /because of an uncaught error: TypeError: nobody awaits it/],
    ['memory', /memory of the worker is full.*resourceLimits/],
  ])('notifies an unexpected end of its worker: %s', async (how, message) => {
    const resourceLimits = { maxOldGenerationSizeMb: 64 };
    const { items, ending } = consumeByHand(run('dying', { data: how, resourceLimits }), { isOpen: true });
    await until(() => ending() !== undefined);
    expect(items).toEqual([1]);
    expect(ending()).toBeInstanceOf(MillraceError);
    expect(ending()).toMatchObject({ code: 'ERR_WORKER', message: expect.stringMatching(message) });
    expect((ending() as Error).message).toContain(MODULE.href);
  });

  it('starts another thread after an unexpected end, and warns if there was no subscription', async () => {
    const items$ = run('dyingLater');
    const warnings = await collectWarnings(async () => {
      const before = threads();
      await firstValueFrom(items$);
      await until(() => threads() <= before);
      await nextTurn();
      expect(await firstValueFrom(items$)).toBe(1);
    });
    expect(warnings[0]).toEqual({
      code: 'MILLRACE_WORKER_ENDED',
      message: expect.stringContaining('while there was no subscription'),
    });
  });

  it('forwards the warnings of its worker', async () => {
    const warnings = await collectWarnings(async () => {
      await all(run('warning'));
    });
    expect(warnings).toEqual([{ code: 'MILLRACE_BAD_RECORDS', message: 'from within' }]);
  });

  it('notifies a ValueError with the path of a part that cannot be sent, and no later item', async () => {
    const { items, ending } = consumeByHand(run('functions'), { isOpen: true });
    await until(() => ending() !== undefined);
    expect(items).toEqual([{ xs: 1 }]);
    expect(ending()).toBeInstanceOf(ValueError);
    expect(ending()).toMatchObject({ path: 'nested[0].fn', message: expect.stringContaining('is a function') });
  });

  it('gives the worker the environment of the process', async () => {
    process.env['MILLRACE_TEST_OF_WORKERS'] = 'seen';
    try {
      expect(await all(run('environment'))).toEqual(['seen']);
    } finally {
      delete process.env['MILLRACE_TEST_OF_WORKERS'];
    }
  });

  describe('names the fault of a module:', () => {
    it.each([
      ['nothing', /expected an export nothing, found "arrays", .*more/, 'exportName'],
      ['notAPipeline', /expected notAPipeline to be an Observable, .* found 7/, 'exportName'],
      ['makesNothing', /found a function that returns 7/, 'exportName'],
    ])('%s', async (exportName, message, path) => {
      const error = await all(run(exportName)).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ path, message: expect.stringMatching(message) });
    });

    it('a missing module', async () => {
      const nowhere = new URL('./nowhere.js', import.meta.url);
      const error = await all(inWorker(nowhere)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        name: 'ConfigError',
        path: 'module',
        message: expect.stringContaining(nowhere.href),
      });
    });

    it('a function that throws, with its error', async () => {
      await expect(all(run('throwing'))).rejects.toBeInstanceOf(FormatError);
    });
  });

  it('throws at the call for bad arguments', () => {
    const wrong = (options: unknown) => () => inWorker(MODULE, options as InWorkerOptions);
    expect(() => inWorker('./pipeline.js' as never)).toThrow(/expected the URL of a module/);
    for (const options of [
      { items: 0 },
      { bytes: -1 },
      { move: 'some' },
      { exportName: '' },
      { overrun: 'no' },
      { a: 1 },
    ]) {
      expect(wrong(options)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
    }
    expect(wrong({ data: () => 1 })).toThrow(/data: cannot be sent to a worker/);
    expect(wrong({ resourceLimits: { heap: 1 } })).toThrow(expect.objectContaining({ path: 'resourceLimits' }));
  });
});

async function feed(path: string, record: string): Promise<void> {
  const writer = await FifoWriter.open(path);
  await writer.write(encodeTFRecord(Buffer.from(record)));
  writer.close();
}
