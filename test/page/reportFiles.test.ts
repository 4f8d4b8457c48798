import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { map, throwError } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { prefetch } from '../../operators/prefetch.js';
import { report } from '../../operators/report.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { nextTurn } from '../support/fifoWriter.js';
import { handClock } from '../support/handClock.js';
import { notifications } from '../support/notifications.js';
import { sourceByHand } from '../support/sourceByHand.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { writeReports } from '../support/writeReports.js';

const newFolder = temporaryFolders();

interface PageData {
  readonly ends: readonly number[];
  readonly times: readonly string[];
  readonly rows: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

function dataOf(html: string): PageData {
  const [, json = ''] = /<script type="application\/json" id="data">(.*)<\/script>/.exec(html) ?? [];
  return JSON.parse(json) as PageData;
}

interface Trace {
  readonly traceEvents: readonly {
    readonly ph: string;
    readonly name: string;
    readonly tid: number;
    readonly ts?: number;
    readonly dur?: number;
    readonly args?: Readonly<Record<string, unknown>>;
  }[];
}

/** The parts of the trace event format that `report` uses. */
const number = { type: 'number', minimum: 0 };
const event = (ph: string, required: readonly string[], extra: object) => ({
  type: 'object',
  required: ['ph', 'name', 'pid', 'tid', ...required],
  properties: {
    ph: { const: ph },
    name: { type: 'string' },
    pid: number,
    tid: number,
    cat: { type: 'string' },
    ...extra,
  },
  additionalProperties: false,
});
const TRACE_SCHEMA = {
  type: 'object',
  required: ['traceEvents'],
  properties: {
    displayTimeUnit: { enum: ['ms', 'ns'] },
    otherData: { type: 'object' },
    traceEvents: {
      type: 'array',
      items: {
        anyOf: [
          event('M', ['args'], {
            name: { enum: ['process_name', 'thread_name', 'thread_sort_index'] },
            args: { type: 'object' },
          }),
          event('X', ['ts', 'dur'], { ts: number, dur: number }),
          event('C', ['ts', 'args'], {
            ts: number,
            args: { type: 'object', minProperties: 1, additionalProperties: { type: 'number' } },
          }),
          event('i', ['ts', 's'], { ts: number, s: { enum: ['g', 'p', 't'] } }),
        ],
      },
    },
  },
  additionalProperties: false,
};

describe('report with page and trace', () => {
  const clock = handClock();

  function paths() {
    const folder = newFolder();
    return { page: join(folder, 'report.html'), trace: join(folder, 'trace.json') };
  }

  /** Two items arrive after waits of 300 and 600 ms, and the consumer is busy for 100 ms after each. */
  function runByHand(files: { readonly page: string; readonly trace: string }): void {
    const { source$, deliver, complete } = sourceByHand<Uint8Array>('<train> & "more"');
    const consumer = consumeByHand(source$.pipe(prefetch(1), report({ consumer: 'training', ...files })), {
      onItem: (_item, gate) => gate.close(),
    });
    for (const waitMs of [300, 600]) {
      consumer.gate.open();
      clock.idle(waitMs);
      deliver(new Uint8Array(1000));
      clock.idle(100);
    }
    consumer.gate.open();
    complete();
  }

  it('writes the verdict, the stages and their course', () => {
    const files = paths();
    runByHand(files);
    const html = readFileSync(files.page, 'utf8');
    expect(html).toContain('training waited for input 82 % of the time, 82 % for');
    expect(html).toContain('<th scope="row">&lt;train&gt; &amp; &quot;more&quot;</th><td>2</td>');
    const { ends, rows, times } = dataOf(html);
    expect(ends.at(-1)).toBe(1000);
    expect(times.at(-1)).toMatch(/^\d\.\d\d to 1\.10 s$/);
    expect(rows.map(({ name }) => name)).toEqual([
      'waiting for input',
      'work of the pipeline',
      'training busy',
      'MB read per second',
      '<train> & "more"',
      'waiting for <train> & "more"',
      'prefetch(1)',
    ]);
    for (const { values } of rows) expect(values).toHaveLength(ends.length);
    expect(html.split('class="now"')).toHaveLength(rows.length + 2);
  });

  it('refers to nothing outside the page', () => {
    const files = paths();
    runByHand(files);
    expect(readFileSync(files.page, 'utf8')).not.toMatch(/\b(src|href)=|url\(|@import|https?:/);
  });

  it('writes what Chrome’s trace format allows', () => {
    const files = paths();
    runByHand(files);
    const trace = JSON.parse(readFileSync(files.trace, 'utf8')) as Trace;
    const validate = new Ajv({ strict: false }).compile(TRACE_SCHEMA);
    expect([validate(trace), validate.errors]).toEqual([true, null]);
    const threads = trace.traceEvents.filter(({ name }) => name === 'thread_name');
    const tidOf = (thread: string) => threads.find(({ args }) => args?.['name'] === thread)?.tid;
    const slices = (thread: string) =>
      trace.traceEvents
        .filter(({ ph, tid }) => ph === 'X' && tid === tidOf(thread))
        .map(({ name, ts, dur }) => [name, ts, dur]);
    expect(slices('training')).toEqual([
      ['waits for input', 0, 300_000],
      ['busy', 300_000, 100_000],
      ['waits for input', 400_000, 600_000],
      ['busy', 1_000_000, 100_000],
    ]);
  });

  it('has no overlapping slices, and the work of the report, over several epochs', async () => {
    const { page, trace: path } = paths();
    const watched = report({ page, trace: path });
    const work = map((item: number) => {
      clock.busy(1000.4 + item / 7);
      return item;
    });
    for (let epoch = 0; epoch < 3; epoch++) {
      for await (const item of toAsyncIterable(fromIterable([1, 2, 3]).pipe(work, prefetch(1), watched)))
        clock.busy(item / 3);
      clock.busy(500);
      watched.read();
    }
    const { traceEvents } = JSON.parse(readFileSync(path, 'utf8')) as Trace;
    const slices = traceEvents.filter(({ ph }) => ph === 'X') as { tid: number; ts: number; dur: number }[];
    for (const tid of new Set(slices.map((slice) => slice.tid))) {
      const ends = slices.filter((slice) => slice.tid === tid).map(({ ts, dur }) => [ts, ts + dur] as const);
      for (const [i, [, end]] of ends.entries()) expect(end).toBeLessThanOrEqual(ends[i + 1]?.[0] ?? Infinity);
    }
    const workMs = slices.filter(({ tid }) => tid === 0).reduce((sum, { dur }) => sum + dur / 1000, 0);
    expect(workMs).toBeCloseTo(watched.read().workMs, 1);
  });

  it('marks each subscription as an epoch', async () => {
    const { page } = paths();
    const watched = report({ page });
    for (let epoch = 0; epoch < 3; epoch++) {
      for await (const items of toAsyncIterable(fromIterable([1, 2]).pipe(batch(1), prefetch(1), watched)))
        clock.busy(600 * items.length);
    }
    expect(readFileSync(page, 'utf8')).toContain('3 epochs, which begin at the dashed lines:');
  });

  it('writes the files after an error and after an unsubscription', () => {
    const [failed, left] = [paths(), paths()];
    notifications(throwError(() => new Error('broken')).pipe(prefetch(1), report(failed)));
    consumeByHand(fromIterable([1, 2, 3]).pipe(prefetch(1), report(left)), {
      onItem: (_item, gate) => gate.close(),
    }).subscription.unsubscribe();
    expect([failed.page, failed.trace, left.page, left.trace].filter((path) => !existsSync(path))).toEqual([]);
  });

  it('writes at most once a second, and the last state when the process ends', () => {
    const { page } = paths();
    const watched = report({ page });
    const run = (count: number) => notifications(fromIterable(Array(count).fill(1)).pipe(prefetch(1), watched));
    writeReports();
    const before = process.listenerCount('exit');
    run(1);
    const first = readFileSync(page, 'utf8');
    run(2);
    run(3);
    expect(readFileSync(page, 'utf8')).toBe(first);
    const listeners = process.listeners('exit');
    expect(listeners).toHaveLength(before + 1);
    listeners.at(-1)?.(0);
    expect(readFileSync(page, 'utf8')).toContain('<th scope="row">prefetch(1)</th><td>6</td>');
    expect(process.listenerCount('exit')).toBe(before);
    expect(readdirSync(join(page, '..'))).toEqual(['report.html']);
  });

  it('holds a page of 150 stages below 200 kB', () => {
    const { page } = paths();
    const { source$, deliver, complete } = sourceByHand<number>();
    let pipeline$ = source$;
    for (let i = 0; i < 150; i++) pipeline$ = pipeline$.pipe(prefetch(100 + i));
    const consumer = consumeByHand(pipeline$.pipe(report({ page })));
    for (let i = 0; i < 200; i++) {
      clock.idle(10 + Math.sin(i));
      deliver(i);
    }
    complete();
    consumer.subscription.unsubscribe();
    expect(readFileSync(page).byteLength).toBeLessThan(200_000);
  });

  it('warns if it cannot write, and the pipeline continues', async () => {
    const folder = join(newFolder(), 'deleted');
    mkdirSync(folder);
    const watched = report({ page: join(folder, 'report.html') });
    rmSync(folder, { recursive: true });
    const warnings = await collectWarnings(async () => {
      expect(notifications(fromIterable([1]).pipe(prefetch(1), watched)).at(-1)).toBe('complete');
      await nextTurn();
    });
    expect(warnings).toMatchObject([{ code: 'MILLRACE_REPORT_FILE' }]);
  });

  it('rejects a file with another extension or in a folder that does not exist', () => {
    expect(() => report({ page: 'train.tfrecord' })).toThrow('expected a file with the extension .html');
    expect(() => report({ trace: join(newFolder(), 'none', 'trace.json') })).toThrow(
      'expected a file in an existing folder',
    );
  });
});
