import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { map, repeat, take, type Observable } from 'rxjs';
import { batch, mapAsync, monitor, parseExample, prefetch } from 'millrace/operators';
import { fitDataset, toDataset } from 'millrace/tfjs';
import { toAsyncIterable } from 'millrace';
import { FEATURES, writeCorpus } from './corpus.js';
import { Run, turn } from './run.js';
import { SOURCES } from './sources.js';
import { createTrainer } from './trainers.js';

/** Stops a pipeline that delivers or waits, and does nothing afterwards. */
type Stop = (run: Run, source: Observable<Uint8Array>) => unknown;

const SOME = 3;
const KEPT_MS = 30_000;

/** Waits a few turns, so that the source waits for data that never arrives. */
async function someTurns(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn();
}

/** Catches the expected error. Rethrows other errors. */
async function expectError(error: unknown, work: () => Promise<unknown>): Promise<void> {
  const thrown = await work().then(
    () => undefined,
    (reason: unknown) => ({ reason }),
  );
  if (thrown?.reason !== error) throw new Error(`expected ${String(error)}`, { cause: thrown?.reason });
}

/** Every way to stop. */
const STOPS: Readonly<Record<string, Stop>> = {
  unsubscribe: async (_run, source) => {
    const subscription = source.subscribe();
    await someTurns();
    subscription.unsubscribe();
  },
  take: (_run, source) => new Promise<void>((resolve) => source.pipe(take(SOME)).subscribe({ complete: resolve })),
  AbortSignal: async (run, source) => {
    const error = new Promise((_, reject) => source.subscribe({ error: reject }));
    await someTurns();
    run.abort.abort();
    await expectError(run.abort.signal.reason, () => error);
  },
  break: async (_run, source) => {
    let count = 0;
    for await (const item of toAsyncIterable(source)) if (item.length === 0 || ++count === SOME) break;
  },
  'return while next is pending': async (_run, source) => {
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const pending = Array.from({ length: 100 }, () => iterator.next());
    await someTurns();
    await iterator.return?.();
    await Promise.all(pending);
  },
  'an exception in map': (run, source) =>
    expectError(run.boom, () => {
      const failing$ = source.pipe(map((item, index) => (index === SOME ? run.throwBoom() : item)));
      return new Promise((_, reject) => failing$.subscribe({ error: reject }));
    }),
  'an exception in the loop': (run, source) =>
    expectError(run.boom, async () => {
      for await (const item of toAsyncIterable(source)) if (item.length > 0) run.throwBoom();
    }),
  stopTraining: async (_run, source) => {
    const { tf, model } = await createTrainer();
    const onBatchEnd = (): void => {
      model.stopTraining = true;
    };
    await fitDataset(model, toDataset(tf, batches(source)), { epochs: 2, verbose: 0, callbacks: { onBatchEnd } });
  },
  'an exception in a callback': async (run, source) => {
    const { tf, model } = await createTrainer();
    const dataset = toDataset(tf, batches(source));
    const callbacks = { onBatchEnd: () => run.throwBoom() };
    await expectError(run.boom, () => fitDataset(model, dataset, { epochs: 2, verbose: 0, callbacks }));
  },
  'an error of the source in fitDataset': async (run, source) => {
    const { tf, model } = await createTrainer();
    const failing$ = source.pipe(map((item, index) => (index === SOME ? run.throwBoom() : item)));
    const dataset = toDataset(tf, batches(failing$));
    await expectError(run.boom, () => fitDataset(model, dataset, { epochs: 2, verbose: 0 }));
  },
  'close of a dataset': async (_run, source) => {
    const { tf } = await createTrainer();
    const dataset = toDataset(tf, batches(source));
    const pass = await dataset.iterator();
    tf.dispose({ ...(await pass.next()).value });
    const pending = Array.from({ length: 20 }, () => pass.next());
    await someTurns();
    await dataset.close();
    for (const { value } of await Promise.all(pending)) tf.dispose({ ...value });
  },
};

/** The sources with the longest timers: 60 seconds of silence, or 120 seconds without a FIFO. */
const WAITING = ['a FIFO whose writer falls silent', 'a FIFO without a writer', 'a FIFO that is not there'] as const;

/** The ways that need no delivered items. */
const WITHOUT_ITEMS = ['unsubscribe', 'AbortSignal', 'return while next is pending'];

function batches(source: Observable<Uint8Array>) {
  return source.pipe(
    batch(1),
    parseExample(FEATURES),
    map(({ x, y }) => ({ xs: x, ys: y })),
    prefetch(2),
  );
}

/** All valid combinations of a way and a source, as `way: source`. */
export const CASES = Object.keys(STOPS).flatMap((way) => {
  const sources = WITHOUT_ITEMS.includes(way) ? WAITING : WAITING.slice(0, 1);
  return sources.map((source) => `${way}: ${source}`);
});

/** Stops one pipeline and prints a line. The process then ends unless something keeps it alive. */
export async function stopOne(name: string): Promise<void> {
  const [way = '', source = ''] = name.split(': ');
  const data = mkdtempSync(join(tmpdir(), 'millrace-stops-'));
  const run = new Run(0, 0, data);
  try {
    writeCorpus(data);
    const records$ = SOURCES[source]?.(run).pipe(
      monitor({ everyMs: 1000, onReport: () => undefined }),
      mapAsync((record) => Promise.resolve(record), { concurrency: 2 }),
      prefetch(2),
      repeat(2),
    );
    if (records$) await STOPS[way]?.(run, records$);
    // The writer's end of the FIFO would also keep the process alive.
    await run.end();
    console.log('stopped');
    tellIfKept();
  } finally {
    rmSync(data, { recursive: true });
  }
}

/** Prints a line if the process ends late: the timer of a silent FIFO takes 60 seconds. */
function tellIfKept(): void {
  const before = performance.eventLoopUtilization();
  process.on('exit', () => {
    const { idle } = performance.eventLoopUtilization(before);
    if (idle > KEPT_MS) console.log(`something kept the process for ${idle} ms`);
  });
}

const [, main, name] = process.argv;
if (main === import.meta.filename && name !== undefined) await stopOne(name);
