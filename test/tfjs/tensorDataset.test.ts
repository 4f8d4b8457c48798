import { jest } from '@jest/globals';
import { NEVER, Subject, type Observable } from 'rxjs';
import { toDataset } from '../../src/tfjs/index.js';
import { collectGarbage, collectLeftovers } from '../support/collectGarbage.js';
import { loadBackend, BACKENDS, type Tf } from './backends.js';
import { CountedSource, linearBatch, linearBatches } from './countedSource.js';

describe.each(BACKENDS)('TensorDataset on %s', (backend) => {
  let tf: Tf;
  let tensorsBefore: number;
  beforeAll(async () => {
    tf = await loadBackend(backend);
    await collectLeftovers();
  });
  beforeEach(() => {
    tensorsBefore = tf.memory().numTensors;
  });
  afterEach(() => {
    jest.restoreAllMocks();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  const DONE = { done: true, value: undefined };

  it('opens the source at the first next(), never in iterator()', async () => {
    const source = new CountedSource(() => linearBatches(2));
    const dataset = toDataset(tf, source.source$);
    await dataset.iterator();
    const iterator = await dataset.iterator();
    expect(source.opened).toBe(0);
    tf.dispose((await iterator.next()).value);
    expect([source.opened, source.closed, source.items]).toEqual([1, 0, 1]);
    await dataset.close();
    expect(source.closed).toBe(1);
  });

  it('closes a pass at the first next() of another', async () => {
    const source = new CountedSource(() => linearBatches(3));
    const dataset = toDataset(tf, source.source$);
    const [first, second] = [await dataset.iterator(), await dataset.iterator()];
    tf.dispose((await first.next()).value);
    tf.dispose((await second.next()).value);
    expect([source.opened, source.closed]).toEqual([2, 1]);
    expect(await first.next()).toEqual(DONE);
    tf.dispose((await second.next()).value);
    expect([source.opened, source.closed]).toEqual([2, 1]);
    await dataset.close();
  });

  it('stays done after the end, and reads the source again from another iterator', async () => {
    const source = new CountedSource(() => linearBatches(1));
    const dataset = toDataset(tf, source.source$);
    for (const pass of [1, 2]) {
      const iterator = await dataset.iterator();
      tf.dispose((await iterator.next()).value);
      for (let i = 0; i < 3; i += 1) expect(await iterator.next()).toEqual(DONE);
      expect([source.opened, source.closed]).toEqual([pass, pass]);
    }
  });

  it('resolves next() in the order of the calls', async () => {
    const sizes = [3, 1, 2];
    const dataset = toDataset(tf, new CountedSource(() => sizes.map((size) => linearBatch(size))).source$);
    const iterator = await dataset.iterator();
    const results = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
    expect(results.map(({ value }) => value?.xs.shape[0])).toEqual([3, 1, 2, undefined]);
    tf.dispose(results.map(({ value }) => ({ ...value })));
  });

  it('is done when it is closed while a next() waits, and can be used again', async () => {
    const source$ = new Subject<ReturnType<typeof linearBatch>>();
    const dataset = toDataset(tf, source$);
    const iterator = await dataset.iterator();
    const waiting = iterator.next();
    await dataset.close();
    expect(source$.observed).toBe(false);
    expect(await waiting).toEqual(DONE);
    expect(await iterator.next()).toEqual(DONE);
    const next = (await dataset.iterator()).next();
    source$.next(linearBatch(4));
    tf.dispose((await next).value);
    await dataset[Symbol.asyncDispose]();
    expect(source$.observed).toBe(false);
  });

  it('rejects next() with the error object of the source, then stays done', async () => {
    const boom = new Error('boom');
    const source = new CountedSource(function* () {
      yield linearBatch(4);
      throw boom;
    });
    const iterator = await toDataset(tf, source.source$).iterator();
    tf.dispose((await iterator.next()).value);
    await expect(iterator.next()).rejects.toBe(boom);
    expect(await iterator.next()).toEqual(DONE);
    expect(source.closed).toBe(1);
  });

  it('keeps an error between two calls of next() for the second call', async () => {
    const source$ = new Subject<ReturnType<typeof linearBatch>>();
    const iterator = await toDataset(tf, source$).iterator();
    const first = iterator.next();
    source$.next(linearBatch(4));
    source$.error('not even an Error');
    tf.dispose((await first).value);
    // An unhandled rejection is detected after a turn of the event loop, and fails the test.
    await new Promise((resolve) => setImmediate(resolve));
    await expect(iterator.next()).rejects.toBe('not even an Error');
  });

  it('closes the source and disposes of its tensors when a batch cannot be converted', async () => {
    const source = new CountedSource(() => [{ xs: linearBatch(4).xs, ys: null }, linearBatch(4)]);
    const iterator = await toDataset(tf, source.source$).iterator();
    await expect(iterator.next()).rejects.toMatchObject({ code: 'ERR_VALUE', path: 'ys' });
    expect([source.opened, source.closed, source.items]).toEqual([1, 1, 1]);
    expect(await iterator.next()).toEqual(DONE);
  });

  it('counts passes, batches, records and the wait for the source', async () => {
    const source$ = new Subject<unknown>();
    const dataset = toDataset(tf, source$ as Observable<ReturnType<typeof linearBatch>>);
    expect(dataset.stats).toEqual({ passes: 0, batches: 0, records: 0, inputWaitMs: 0 });
    const iterator = await dataset.iterator();
    for (const records of [4, 3]) {
      const next = iterator.next();
      // A timer may end a fraction of a millisecond before its time.
      setTimeout(() => source$.next(linearBatch(records)), 21);
      tf.dispose((await next).value);
    }
    const { inputWaitMs, ...counts } = dataset.stats;
    expect(counts).toEqual({ passes: 1, batches: 2, records: 7 });
    expect(inputWaitMs).toBeGreaterThanOrEqual(40);
    await dataset.close();
    expect(dataset.stats).toEqual({ ...counts, inputWaitMs });
  });

  it('does not count the time of the consumer between two calls of next()', async () => {
    const dataset = toDataset(tf, new CountedSource(() => linearBatches(2)).source$);
    const iterator = await dataset.iterator();
    tf.dispose((await iterator.next()).value);
    const { inputWaitMs } = dataset.stats;
    await new Promise((resolve) => setImmediate(resolve));
    expect(dataset.stats.inputWaitMs).toBe(inputWaitMs);
    await dataset.close();
  });

  it('returns the given size, or NaN', () => {
    expect(toDataset(tf, NEVER, { size: 23 }).size).toBe(23);
    expect(toDataset(tf, NEVER).size).toBeNaN();
  });

  it('warns when it is garbage-collected while its source is open', async () => {
    const warning = new Promise((resolve) => {
      jest.spyOn(process, 'emitWarning').mockImplementation((...args) => resolve(args));
    });
    await (async () => {
      const iterator = await toDataset(tf, new CountedSource(() => linearBatches(2)).source$).iterator();
      tf.dispose((await iterator.next()).value);
    })();
    const collecting = setInterval(collectGarbage, 5);
    const [message, options] = (await warning) as [string, object];
    clearInterval(collecting);
    expect(message).toContain('fitDataset of millrace/tfjs');
    expect(options).toEqual({ type: 'MillraceWarning', code: 'MILLRACE_UNCLOSED' });
  });

  it('does not warn when it was closed or read to its end', async () => {
    const emitWarning = jest.spyOn(process, 'emitWarning');
    let collected = 0;
    const registry = new FinalizationRegistry(() => (collected += 1));
    await (async () => {
      const closed = toDataset(tf, new CountedSource(() => linearBatches(2)).source$);
      tf.dispose((await (await closed.iterator()).next()).value);
      await closed.close();
      const ended = toDataset(tf, new CountedSource(() => linearBatches(0)).source$);
      await (await ended.iterator()).next();
      registry.register(closed, undefined);
      registry.register(ended, undefined);
    })();
    while (collected < 2) {
      collectGarbage();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(emitWarning).not.toHaveBeenCalled();
  });
});
