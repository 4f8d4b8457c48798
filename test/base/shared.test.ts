import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PROTOCOL } from '../../src/base/shared.js';
import { writePackageCopies } from '../support/packageCopies.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-copies-'));

beforeAll(async () => {
  await writePackageCopies(folder, { a: PROTOCOL, b: PROTOCOL, other: PROTOCOL + 1 });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs a module that uses the copies. Returns the JSON that it prints, and the codes and messages of its warnings. */
async function run(body: string): Promise<{ found: unknown; warnings: readonly (readonly string[])[] }> {
  const script = join(folder, 'script.mjs');
  writeFileSync(
    script,
    `const warnings = [];
    process.on('warning', ({ code, message }) => warnings.push([code, message]));
    const { take, map, repeat, retry, share } = await import('rxjs');
    const [a, b] = [await import('./a.mjs'), await import('./b.mjs')];
    const all = async (items$) => { const items = []; for await (const item of a.toAsyncIterable(items$)) items.push(item); return items; };
    const numbers = (count) => Array.from({ length: count }, (_, i) => i);
    const found = await (async () => { ${body} })();
    await new Promise((resolve) => setImmediate(resolve));
    console.log(JSON.stringify({ found, warnings }));`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', script]);
  return JSON.parse(stdout) as Awaited<ReturnType<typeof run>>;
}

describe('two copies of the package in one process', () => {
  it('close the datasets of each other, and dispose of the batch in hand', async () => {
    const { found } = await run(`
      const tf = await import('@tensorflow/tfjs');
      const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
      model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
      const array = (...shape) => a.ndarray('float32', shape, new Float32Array(shape[0] * shape[1]));
      let closed = 0;
      const items = { *[Symbol.iterator]() { try { for (;;) yield { xs: array(4, 3), ys: array(4, 1) }; } finally { closed++; } } };
      const dataset = b.tfjs.toDataset(tf, b.fromIterable(items));
      const before = tf.memory().numTensors;
      const error = await a.tfjs.fitDataset(model, dataset, { epochs: 1, verbose: 0 }).catch((error) => error);
      return { name: error.name, closed, left: tf.memory().numTensors - before };`);
    expect(found).toEqual({ name: 'ShapeError', closed: 1, left: 0 });
  });

  it.each([
    ['a source and a consumer', 'source$', 1],
    ['a stage between', 'source$.pipe(b.operators.prefetch(3))', 4],
    [
      'stages of both',
      'source$.pipe(b.operators.prefetch(3), a.operators.shuffle(4, { seed: 1 }), b.operators.shard({ count: 1, index: 0 }))',
      8,
    ],
    ['a chain of subscribers that is broken', 'source$.pipe(share(), b.operators.prefetch(3))', 4],
    ['a combination', 'b.operators.mergeChannels([source$, a.fromIterable([])])', 2],
  ])('share demand: %s', async (_what, pipeline, ahead) => {
    const { found, warnings } = await run(`
      let made = 0;
      const source$ = b.fromIterable({ *[Symbol.iterator]() { while (made < 20_000) yield made++; } });
      const items = [];
      for await (const item of a.toAsyncIterable(${pipeline})) if (items.push(item) === 5) break;
      return { taken: items.length, ahead: made - 5 };`);
    expect(warnings).toEqual([]);
    expect(found).toEqual({ taken: 5, ahead: expect.any(Number) });
    expect((found as { ahead: number }).ahead).toBeLessThanOrEqual(ahead);
  });

  it('share the cursor: one copy resumes a pipeline with stages of the other', async () => {
    const { found } = await run(`
      const make = (resume) => b.fromIterable(numbers(200)).pipe(
        a.operators.shuffle(20, { seed: 1 }), b.operators.batch(3), a.operators.prefetch(2), resume);
      const first = a.operators.resumable();
      const before = await all(make(first).pipe(take(20)));
      const cursor = first.cursor();
      const after = await all(make(b.operators.resumable({ cursor })));
      return { stages: cursor.stages.map(({ stage }) => stage), items: [...before, ...after].flat().sort((x, y) => x - y) };`);
    expect(found).toEqual({ stages: ['batch', 'shuffle'], items: Array.from({ length: 200 }, (_, i) => i) });
  });

  it('reject stages of either copy that cannot be resumed', async () => {
    const { found } = await run(`
      const held$ = b.fromIterable(numbers(9)).pipe(a.operators.resumable(), b.operators.prefetch(2));
      return all(held$).catch((error) => error.message);`);
    expect(found).toMatch(/^resumable: prefetch\(2\) comes after resumable/);
  });

  it('recognise the error classes of each other', async () => {
    const { found } = await run(`
      const error = await all(b.fromFile('/nowhere')).catch((error) => error);
      return [a.ChannelError, a.MillraceError, Error, a.FormatError, b.ChannelError].map((each) => error instanceof each);`);
    expect(found).toEqual([true, true, true, false, true]);
  });

  it('report the stages of both', async () => {
    const { found } = await run(`
      const report = a.operators.report();
      const source$ = b.fromIterable(numbers(50)).pipe(a.operators.prefetch(3), b.operators.shuffle(4));
      const both$ = source$.pipe(b.operators.broadcast({ sinks: 2 }));
      await Promise.all([all(both$.pipe(report)), all(both$.pipe(b.operators.report()))]);
      return report.read().stages.map(({ name }) => name);`);
    expect(found).toEqual(expect.arrayContaining(['shuffle(4)', 'prefetch(3)', 'fromIterable']));
  });

  it('of different protocols cause one warning, which says how to find them', async () => {
    const { warnings } = await run(`await import('./other.mjs'); await import('./other.mjs?again');`);
    expect(warnings).toEqual([['MILLRACE_COPIES', expect.stringContaining('npm ls millrace')]]);
  });
});
