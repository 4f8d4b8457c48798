import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import {
  EMPTY,
  NEVER,
  Subject,
  catchError,
  concatMap,
  map,
  of,
  repeat,
  take,
  type MonoTypeOperatorFunction,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { batch } from '../../operators/batch.js';
import { broadcast } from '../../operators/broadcast.js';
import { decodeImage } from '../../operators/decodeImage.js';
import { decodeRecordIO } from '../../operators/decodeRecordIO.js';
import { decodeRecords } from '../../operators/decodeRecords.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { decompress } from '../../operators/decompress.js';
import { interleave } from '../../operators/interleave.js';
import { mapAsync } from '../../operators/mapAsync.js';
import { prefetch } from '../../operators/prefetch.js';
import { report, type ReportEvent } from '../../operators/report.js';
import { shuffle } from '../../operators/shuffle.js';
import { zipChannels } from '../../operators/zipChannels.js';
import { pullSource } from '../../src/demand/pullSource.js';
import type { PipelineReport, StageReport } from '../../src/report/reportTypes.js';
import { TextLineReader } from '../../src/formats/text/textLineReader.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand, type HandConsumer } from '../../src/testing/consumeByHand.js';
import { collectUncaught } from '../support/collectUncaught.js';
import { nextTurn, until } from '../support/fifoWriter.js';
import { handClock } from '../support/handClock.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';
import { pullSlowly } from '../support/slowConsumer.js';
import { sourceByHand } from '../support/sourceByHand.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

/** Consumes one item each time the gate is opened. */
function oneByOne<T>(source$: Observable<T>): HandConsumer<T> {
  return consumeByHand(source$, { onItem: (_item, gate) => gate.close() });
}

function stageOf({ stages }: PipelineReport, name: string): StageReport {
  const stage = stages.find((each) => each.name === name);
  if (!stage) throw new Error(`no stage ${name} in ${stages.map((each) => each.name).join(', ')}`);
  return stage;
}

/** Promises that the test resolves, in the order of the calls. */
function workByHand(): { readonly work: (item: number) => Promise<number>; readonly finish: () => Promise<void> } {
  const due: (() => void)[] = [];
  return {
    work: (item) => new Promise((resolve) => due.push(() => resolve(item))),
    finish: async () => {
      due.shift()?.();
      await nextTurn();
    },
  };
}

describe('report', () => {
  it('does not change the items', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-(bc)-d-|');
      expectObservable(source.pipe(report())).toBe('-a-(bc)-d-|');
      expectSubscriptions(source.subscriptions).toBe('^---------!');
    });
  });

  it('names the stages as in the user’s code, each after the stages above it', () => {
    const watched = report();
    notifications(
      fromIterable([Buffer.from('a\nb\nc\n')]).pipe(decodeTextLine(), shuffle(2, { seed: 1 }), prefetch(4), watched),
    );
    const { stages } = watched.read();
    expect(stages.map(({ name, isSource }) => [name, isSource])).toEqual([
      ['fromIterable', true],
      ['decodeTextLine', false],
      ['shuffle(2)', false],
      ['prefetch(4)', false],
    ]);
  });

  it('counts incoming items and bytes, and outgoing items', () => {
    const watched = report();
    notifications(
      fromIterable([Buffer.from('one\ntwo\nth'), Buffer.from('ree\n')]).pipe(
        decodeTextLine(),
        batch(2),
        prefetch(4),
        watched,
      ),
    );
    const report_ = watched.read();
    expect(report_.stages.map(({ name, figures, emitted }) => [name, figures.records, figures.bytes, emitted])).toEqual(
      [
        ['fromIterable', 2, 14, 2],
        ['decodeTextLine', 2, 14, 3],
        ['prefetch(4)', 2, 2 * 16 + 11, 2],
      ],
    );
  });

  it('counts no bytes of items that contain themselves', () => {
    const watched = report();
    const item: { self?: unknown } = {};
    item.self = item;
    expect(notifications(fromIterable([item, item]).pipe(prefetch(2), watched))).toHaveLength(3);
    expect(stageOf(watched.read(), 'prefetch(2)')).toMatchObject({ emitted: 2, figures: { records: 2, bytes: 0 } });
  });

  it('sums over epochs of separate subscriptions and of repeat', () => {
    const events: ReportEvent[] = [];
    const watched = report({ onReport: (event) => events.push(event) });
    const items$ = fromIterable([1, 2, 3]).pipe(repeat(2), prefetch(1), watched);
    notifications(items$);
    notifications(items$);
    const { subscriptions, stages } = watched.read();
    expect([subscriptions, stages.map(({ name, subscriptions, emitted }) => [name, subscriptions, emitted])]).toEqual([
      2,
      [
        ['fromIterable', 4, 12],
        ['prefetch(1)', 2, 12],
      ],
    ]);
    expect(
      events.map(({ hasEnded, subscription, total }) => [
        hasEnded,
        stageOf(subscription, 'fromIterable').emitted,
        stageOf(total, 'fromIterable').emitted,
      ]),
    ).toEqual([
      [true, 6, 6],
      [true, 6, 12],
    ]);
  });

  it('combines sources with the same name at the same place to one stage, and separates places', () => {
    const watched = report();
    const letters$ = fromIterable(['a', 'b', 'c']).pipe(interleave(() => fromIterable([1, 2]), { cycleLength: 2 }));
    notifications(zipChannels({ x: letters$, y: fromIterable([1, 2, 3, 4, 5, 6]) }).pipe(watched));
    expect(watched.read().stages.map(({ name, emitted }) => [name, emitted])).toEqual([
      ['fromIterable of interleave: sources', 3],
      ['interleave: sources', 3],
      ['fromIterable of interleave', 6],
      ['interleave', 6],
      ['zipChannels: x', 6],
      ['fromIterable of zipChannels: y', 6],
      ['zipChannels: y', 6],
    ]);
  });

  it('finds the stages above operators of RxJS, and above broadcast', () => {
    const watched = report();
    const shared$ = fromIterable([1, 2]).pipe(
      concatMap((item) => of(item)),
      broadcast({ sinks: 2 }),
    );
    expect(
      notifications(zipChannels({ x: shared$, y: shared$.pipe(map((item) => `${item}`)) }).pipe(watched)),
    ).toHaveLength(3);
    expect(watched.read().stages.map(({ name, emitted }) => [name, emitted])).toEqual([
      ['fromIterable', 2],
      ['broadcast({ sinks: 2 })', 2],
      ['zipChannels: x', 2],
      ['zipChannels: y', 2],
    ]);
  });

  it('names each decoder, decompress and decodeImage', () => {
    const nameOf = <T>(operator: OperatorFunction<never, T>): unknown => {
      const watched = report();
      notifications(EMPTY.pipe(operator, watched));
      return watched.read().stages.map(({ name }) => name);
    };
    expect(nameOf(decodeTFRecord())).toEqual(['decodeTFRecord']);
    expect(nameOf(decodeRecordIO())).toEqual(['decodeRecordIO']);
    expect(nameOf(decodeTextLine())).toEqual(['decodeTextLine']);
    expect(nameOf(decodeRecords(() => new TextLineReader()))).toEqual(['decodeRecords']);
    expect(nameOf(decodeRecords(() => new TextLineReader(), 'mine'))).toEqual(['mine']);
    expect(nameOf(decompress('gzip'))).toEqual(["decompress('gzip')"]);
    expect(nameOf(decodeImage())).toEqual(['decodeImage']);
  });

  it('drops a source that could not be opened', () => {
    const watched = report();
    const broken = pullSource(() => {
      throw new Error('no such file');
    });
    const repaired$ = broken.pipe(
      catchError(() => fromIterable([1])),
      watched,
    );
    expect(notifications(repaired$)).toEqual([1, 'complete']);
    expect(watched.read().stages.map(({ name }) => name)).toEqual(['fromIterable']);
  });

  it('reports at each interval and at the end, and keeps no timer afterwards', () => {
    jest.useFakeTimers();
    try {
      const endings: boolean[] = [];
      const watched = report({ everyMs: 100, onReport: ({ hasEnded }) => endings.push(hasEnded) });
      const subscription = NEVER.pipe(watched).subscribe();
      jest.advanceTimersByTime(250);
      expect(endings).toEqual([false, false]);
      subscription.unsubscribe();
      expect([endings, jest.getTimerCount()]).toEqual([[false, false, true], 0]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('writes lines only with an interval and no callback', () => {
    const error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      notifications(fromIterable([1]).pipe(report()));
      expect(error).not.toHaveBeenCalled();
      notifications(fromIterable([1]).pipe(report({ everyMs: 1_000_000, consumer: 'training' })));
      expect(error.mock.calls).toEqual([
        [expect.stringMatching(/^ +waits[^]*\nfromIterable +1 [^]*\ntraining has read for less than 200 ms/)],
      ]);
    } finally {
      error.mockRestore();
    }
  });

  it('notifies an exception of the callback at an interval', async () => {
    const onReport = ({ hasEnded }: ReportEvent): void => {
      if (!hasEnded) throw new Error('callback');
    };
    let failure: unknown;
    NEVER.pipe(report({ everyMs: 1, onReport })).subscribe({ error: (error: unknown) => (failure = error) });
    await until(() => failure !== undefined);
    expect(failure).toEqual(new Error('callback'));
  });

  it('makes an exception of the callback at the end an uncaught error, and ends normally', async () => {
    const onReport = (): void => {
      throw new Error('callback');
    };
    let seen: unknown[] = [];
    const thrown = await collectUncaught(() => {
      seen = notifications(fromIterable([1]).pipe(report({ onReport })));
    });
    expect(seen).toEqual([1, 'complete']);
    expect(thrown).toEqual([new Error('callback')]);
  });

  it('throws at the call for bad options', () => {
    for (const [path, options] of Object.entries({
      everyMs: { everyMs: 0 },
      consumer: { consumer: '' },
      onReport: { onReport: 1 as never },
    })) {
      expect(() => report(options)).toThrow(expect.objectContaining({ path }));
    }
  });

  it('does not read the clock without a report', () => {
    const now = jest.spyOn(performance, 'now');
    const build = (end: MonoTypeOperatorFunction<number>): unknown[] =>
      notifications(fromIterable(range100()).pipe(prefetch(4), end));
    build((source) => source);
    expect(now).not.toHaveBeenCalled();
    build(report());
    expect(now).toHaveBeenCalled();
    now.mockRestore();
  });

  it('reads the clock as often for ten thousand records of a chunk as for ten', () => {
    const now = jest.spyOn(performance, 'now');
    const looksFor = (lines: number): number => {
      now.mockClear();
      notifications(of(Buffer.from('line\n'.repeat(lines))).pipe(decodeTextLine(), report()));
      return now.mock.calls.length;
    };
    expect(looksFor(10_000)).toBe(looksFor(10));
    now.mockRestore();
  });
});

function* range100(): Iterable<number> {
  for (let i = 0; i < 100; i++) yield i;
}

describe('the verdict of report', () => {
  const clock = handClock();

  it('is the consumer if it is busy', () => {
    const watched = report({ consumer: 'training' });
    const consumer = oneByOne(fromIterable(range100()).pipe(prefetch(2), watched));
    for (let i = 0; i < 10; i++) {
      consumer.gate.open();
      clock.busy(100);
    }
    const result = watched.read();
    expect(result).toMatchObject({ elapsedMs: 1000, consumerMs: 1000, inputMs: 0, workMs: 0 });
    expect(result.verdict).toEqual({
      bottleneck: 'consumer',
      stage: undefined,
      waitedShare: 0,
      text: 'training waited for input 0 % of the time: training is the bottleneck, and a faster pipeline would not help.',
    });
    expect(stageOf(result, 'prefetch(2)').queue).toEqual({ mean: 2, most: 2, capacity: 2, emptyMs: 0, fullMs: 1000 });
    expect(stageOf(result, 'prefetch(2)').figures).toMatchObject({ inputMs: 0, consumerMs: 1000 });
  });

  it('is the source if it is slow', () => {
    const watched = report({ consumer: 'training' });
    const slow = sourceByHand<number>('channel("train")');
    const consumer = oneByOne(slow.source$.pipe(prefetch(2), watched));
    for (let i = 0; i < 10; i++) {
      consumer.gate.open();
      clock.idle(95);
      slow.deliver(i);
      clock.busy(5);
    }
    const result = watched.read();
    expect(result.verdict).toMatchObject({ bottleneck: 'source', stage: 'channel("train")', waitedShare: 0.95 });
    expect(result.verdict.text).toBe(
      'training waited for input 95 % of the time, 95 % for the source `channel("train")`: ' +
        'make the input of this source faster.',
    );
    expect(stageOf(result, 'channel("train")')).toMatchObject({ heldUpMs: 950, figures: { inputMs: 1000 } });
    expect(stageOf(result, 'prefetch(2)').queue).toMatchObject({ mean: 0, most: 0, emptyMs: 1000, fullMs: 0 });
  });

  it('attributes the wait after the end of a source to this source', () => {
    const watched = report();
    const source$ = fromIterable([1, 2, 3]).pipe(batch(2), watched);
    const { gate, items } = consumeByHand(source$, { onItem: (_item, gate) => gate.close() });
    gate.open();
    clock.busy(200);
    gate.open();
    expect(items).toEqual([[1, 2], [3]]);
    expect(watched.read().stages.map(({ name }) => name)).toEqual(['fromIterable']);
  });

  it('is none after one batch of the items that the last stage has emitted', () => {
    const watched = report();
    const slow = sourceByHand<number>('channel("train")');
    const consumer = oneByOne(slow.source$.pipe(batch(2), watched));
    const readNext = (): void => {
      consumer.gate.open();
      clock.idle(200);
      for (const item of [1, 2]) slow.deliver(item);
    };
    readNext();
    const first = watched.read();
    expect(first.verdict).toMatchObject({
      bottleneck: 'none',
      text: 'the consumer has read only one item. This is too little to find the bottleneck.',
    });
    expect(stageOf(first, 'channel("train")')).toMatchObject({ emitted: 2 });
    readNext();
    expect(watched.read().verdict.bottleneck).toBe('source');
  });

  it('counts the items of all pipelines that share the report', () => {
    const watched = report();
    for (const [name, items] of [['channel("train")', 3] as const, ['channel("validation")', 1] as const]) {
      const slow = sourceByHand<number>(name);
      const consumer = oneByOne(slow.source$.pipe(watched));
      for (let i = 0; i < items; i++) {
        consumer.gate.open();
        clock.idle(100);
        slow.deliver(i);
      }
    }
    expect(watched.read().verdict).toMatchObject({ bottleneck: 'source', stage: 'channel("train")' });
  });

  it('is a missing prefetch if the source could have continued while the consumer was busy', () => {
    const watched = report();
    const slow = sourceByHand<number>('channel("train")');
    const consumer = oneByOne(slow.source$.pipe(watched));
    for (let i = 0; i < 10; i++) {
      consumer.gate.open();
      clock.idle(50);
      slow.deliver(i);
      clock.idle(50);
    }
    expect(watched.read().verdict.text).toBe(
      'the consumer waited for input 50 % of the time, 50 % for `channel("train")`, which paused while ' +
        'the consumer was busy: add a prefetch after this stage, or increase the size of the existing prefetch.',
    );
  });

  it('is a stage with too little concurrency if the thread is idle', async () => {
    const watched = report({ consumer: 'training' });
    const { work, finish } = workByHand();
    const consumer = oneByOne(fromIterable(range100()).pipe(mapAsync(work, { concurrency: 2 }), prefetch(1), watched));
    for (let i = 0; i < 10; i++) {
      consumer.gate.open();
      clock.idle(80);
      await finish();
      clock.busy(1);
    }
    const { verdict, stages } = watched.read();
    expect(consumer.items).toHaveLength(10);
    expect(verdict).toMatchObject({ bottleneck: 'stage', stage: 'mapAsync' });
    expect(verdict.text).toBe(
      'training waited for input 99 % of the time, 99 % for the slowest stage, `mapAsync`: ' +
        'increase its concurrency (now 2).',
    );
    expect(stages.map(({ heldUpMs }) => heldUpMs)).toEqual([0, 800, 0]);
    expect(stages[1]).toMatchObject({ idleMs: 800, queue: { mean: 2, capacity: 2 } });
  });

  it('is a stage whose work blocks the thread, if more concurrency would not help', async () => {
    const watched = report();
    const { work, finish } = workByHand();
    const consumer = oneByOne(fromIterable(range100()).pipe(mapAsync(work, { concurrency: 2 }), watched));
    for (let i = 0; i < 10; i++) {
      consumer.gate.open();
      clock.busy(80);
      await finish();
    }
    expect(watched.read().verdict.text).toBe(
      'the consumer waited for input 100 % of the time, 100 % for the slowest stage, `mapAsync`, whose work keeps ' +
        'this thread busy: move this stage to a worker with inWorker.',
    );
  });

  it('is the source if a stage with enough concurrency waits for it', async () => {
    const watched = report();
    const { work, finish } = workByHand();
    const slow = sourceByHand<number>('channel("train")');
    const consumer = oneByOne(slow.source$.pipe(mapAsync(work, { concurrency: 8 }), watched));
    for (let i = 0; i < 10; i++) {
      consumer.gate.open();
      clock.idle(50);
      slow.deliver(i);
      clock.idle(10);
      await finish();
    }
    expect(watched.read()).toMatchObject({
      inputMs: 600,
      verdict: { bottleneck: 'source', stage: 'channel("train")' },
    });
  });

  it('is the work of the pipeline on the thread', () => {
    const watched = report({ consumer: 'training' });
    const parse = (item: number): number => {
      clock.busy(30);
      return item;
    };
    const consumer = oneByOne(fromIterable(range100()).pipe(map(parse), watched));
    for (let i = 0; i < 10; i++) {
      clock.busy(10);
      consumer.gate.open();
    }
    const result = watched.read();
    expect(result).toMatchObject({ elapsedMs: 400, workMs: 300, consumerMs: 100, inputMs: 0 });
    expect(result.verdict).toEqual({
      bottleneck: 'work',
      stage: undefined,
      waitedShare: 0.75,
      text:
        "training waited for input 75 % of the time, 75 % for the pipeline's own work on this thread: " +
        'move the pipeline to a worker with inWorker, move one slow function to threads with mapInWorkers, ' +
        'or reduce the work (node --cpu-prof shows the functions).',
    });
  });

  it('counts the work of a plain subscriber as work', () => {
    const watched = report();
    fromIterable([1, 2])
      .pipe(watched)
      .subscribe(() => clock.busy(100));
    expect(watched.read()).toMatchObject({ elapsedMs: 200, workMs: 200 });
    expect(watched.read().verdict.text).toContain(
      '100 % for the work of the pipeline and of the consumer, all on this',
    );
  });

  it('is the slower of two zipped channels', () => {
    const watched = report();
    const pixels = sourceByHand<number>('channel("pixels")');
    const labels = sourceByHand<number>('channel("labels")');
    const consumer = oneByOne(zipChannels({ pixels: pixels.source$, labels: labels.source$ }).pipe(watched));
    for (let i = 0; i < 10; i++) {
      consumer.gate.open();
      clock.idle(10);
      pixels.deliver(i);
      clock.idle(90);
      labels.deliver(i);
    }
    const result = watched.read();
    expect(result.verdict).toMatchObject({ bottleneck: 'source', stage: 'channel("labels")' });
    // While both are missing, each is responsible for half of the time.
    expect(stageOf(result, 'channel("labels")').heldUpMs).toBe(950);
    expect(stageOf(result, 'channel("pixels")').heldUpMs).toBe(50);
    expect(stageOf(result, 'zipChannels: pixels').figures).toMatchObject({ inputMs: 100, consumerMs: 900 });
    expect(stageOf(result, 'zipChannels: labels').figures).toMatchObject({ inputMs: 1000, consumerMs: 0 });
  });

  it('is broadcast if it waits for another sink', () => {
    const watched = report();
    const shared$ = fromIterable(range100()).pipe(broadcast({ sinks: 2 }));
    const consumer = oneByOne(shared$.pipe(watched));
    const other = oneByOne(shared$);
    consumer.gate.open();
    other.gate.open();
    for (let i = 1; i < 10; i++) {
      consumer.gate.open();
      clock.idle(100);
      other.gate.open();
    }
    expect(consumer.items).toHaveLength(10);
    expect(watched.read()).toMatchObject({ inputMs: 900, verdict: { stage: 'broadcast({ sinks: 2 })' } });
    expect(watched.read().verdict.text).toContain('make its slowest subscriber faster');
  });

  it('names an unknown source by the stage below it', () => {
    const watched = report();
    const records = new Subject<number>();
    const consumer = oneByOne(records.pipe(prefetch(2), watched));
    consumer.gate.open();
    clock.idle(200);
    records.next(1);
    consumer.gate.open();
    records.next(2);
    expect(watched.read().verdict).toMatchObject({ bottleneck: 'source', stage: 'unmeasured source of prefetch(2)' });
  });

  it('is nothing before anything was read', () => {
    expect(report().read()).toMatchObject({ elapsedMs: 0, stages: [], verdict: { bottleneck: 'none' } });
  });

  it('does not count the time between subscriptions', () => {
    const watched = report();
    const slow = sourceByHand<number>();
    clock.idle(1000);
    for (let epoch = 0; epoch < 2; epoch++) {
      const consumer = oneByOne(slow.source$.pipe(prefetch(1), watched));
      consumer.gate.open();
      clock.idle(10);
      slow.deliver(1);
      clock.busy(40);
      consumer.subscription.unsubscribe();
      clock.idle(1000);
    }
    expect(watched.read()).toMatchObject({ subscriptions: 2, elapsedMs: 100, consumerMs: 80, inputMs: 20 });
    expect(stageOf(watched.read(), 'a source').figures.elapsedMs).toBe(100);
  });

  it('divides the time between its stages and those of a report below', () => {
    const inner = report({ consumer: 'batches' });
    const outer = report({ consumer: 'training' });
    const slow = sourceByHand<number>('channel("train")');
    const busy = map((item: number) => {
      clock.busy(5);
      return item;
    });
    const consumer = oneByOne(slow.source$.pipe(busy, inner, prefetch(1), outer));
    for (let i = 0; i < 10; i++) {
      consumer.gate.open();
      clock.idle(20);
      slow.deliver(i);
    }
    expect(inner.read()).toMatchObject({ workMs: 50, inputMs: 200, verdict: { stage: 'channel("train")' } });
    expect(outer.read()).toMatchObject({ workMs: 50, inputMs: 200, verdict: { stage: 'report: batches' } });
  });

  it('accounts for all the time, and assigns all waiting to stages', async () => {
    const step = fc.record({
      do: fc.constantFrom('open', 'left', 'right', 'finish', 'idle', 'busy'),
      ms: fc.integer({ min: 0, max: 50 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const watched = report();
        const left = sourceByHand<number>('left');
        const right = sourceByHand<number>('right');
        const { work, finish } = workByHand();
        const zipped$ = zipChannels({ left: left.source$.pipe(prefetch(2)), right: right.source$ });
        const consumer = oneByOne(
          zipped$.pipe(
            map(({ left }) => left),
            mapAsync(work, { concurrency: 2 }),
            map((item) => {
              clock.busy(1);
              return item;
            }),
            prefetch(1),
            watched,
          ),
        );
        let elapsed = 0;
        for (const { do: what, ms } of steps) {
          if (what === 'open') consumer.gate.open();
          else if (what === 'left' && left.isAsked()) left.deliver(ms);
          else if (what === 'right' && right.isAsked()) right.deliver(ms);
          else if (what === 'finish') await finish();
          else if (what === 'idle') clock.idle(ms);
          else if (what === 'busy') clock.busy(ms);
          if (what === 'idle' || what === 'busy') elapsed += ms;
        }
        const { elapsedMs, inputMs, consumerMs, workMs, stages } = watched.read();
        consumer.subscription.unsubscribe();
        expect(elapsedMs).toBe(elapsed + workMs);
        expect(inputMs + consumerMs + workMs).toBe(elapsedMs);
        expect(stages.reduce((sum, { heldUpMs }) => sum + heldUpMs, 0)).toBeCloseTo(inputMs, 6);
        for (const { figures } of stages) expect(figures.elapsedMs).toBe(elapsedMs);
      }),
    );
  });
});

describe('report on a FIFO', () => {
  it('finds a consumer that waits for the event loop after each item, and does not read faster', async () => {
    const watched = report();
    const path = join(newFolder(), 'fifo');
    const bytes = Buffer.from('line\n'.repeat(50_000));
    await pullSlowly(
      { path, bytes, steps: 20 },
      (bytes$) => bytes$.pipe(decodeTextLine(), watched),
      () => undefined,
    );
    const { consumerMs, inputMs, workMs, elapsedMs, stages } = watched.read();
    expect(consumerMs + inputMs + workMs).toBeCloseTo(elapsedMs, 6);
    expect(consumerMs).toBeGreaterThan(0);
    expect(inputMs).toBeGreaterThan(0);
    expect(stages.map(({ name, emitted }) => [name, emitted])).toEqual([
      [`fromFifo(${JSON.stringify(path)})`, 1],
      ['decodeTextLine', 20],
    ]);
  });

  it('ends when the loop is left', async () => {
    const events: ReportEvent[] = [];
    const watched = report({ onReport: (event) => events.push(event) });
    for await (const item of toAsyncIterable(fromIterable(range100()).pipe(take(50), prefetch(2), watched))) {
      if (item === 3) break;
    }
    expect(events.map(({ hasEnded, total }) => [hasEnded, stageOf(total, 'prefetch(2)').emitted])).toEqual([[true, 4]]);
  });
});
