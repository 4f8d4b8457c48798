import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { map, repeat, take, tap, type MonoTypeOperatorFunction } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { parseExample } from '../../operators/parseExample.js';
import { prefetch } from '../../operators/prefetch.js';
import { shuffle } from '../../operators/shuffle.js';
import { startLocalAgent, type LocalAgent } from '../../src/agent/startLocalAgent.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { encodeExample } from '../../src/formats/example/encodeExample.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { fixedLenFeature } from '../../src/formats/example/features.js';
import { channel } from '../../src/sources/channel.js';
import { evaluateDataset } from '../../src/tfjs/evaluateDataset.js';
import { fitDataset } from '../../src/tfjs/fitDataset.js';
import { toDataset } from '../../src/tfjs/toDataset.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { BACKENDS, loadBackend } from './backends.js';

const tf = await loadBackend(BACKENDS[0] ?? 'cpu');

const RECORDS = 10;
const EPOCHS = 3;
const newFolder = temporaryFolders();
const features = { x: fixedLenFeature([1], 'float32') };

/** A job with two channels. The agent serves them through FIFOs. Counts the epochs. */
class Job {
  readonly seen: number[] = [];
  readonly #agent: LocalAgent;

  private constructor(agent: LocalAgent) {
    this.#agent = agent;
  }

  static async start(): Promise<Job> {
    const folder = newFolder();
    const records = Array.from({ length: RECORDS }, (_, x) => encodeTFRecord(encodeExample({ x: { floatList: [x] } })));
    const channels = ['train', 'validation'].map((name) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'data.tfrecord'), Buffer.concat(records));
      const S3DataSource = { S3DataType: 'S3Prefix', S3Uri: join(folder, name) } as const;
      return { ChannelName: name, DataSource: { S3DataSource } };
    });
    return new Job(await startLocalAgent({ InputDataConfig: channels }));
  }

  batches(name: 'train' | 'validation', beforeBatch: MonoTypeOperatorFunction<Uint8Array> = (source) => source) {
    return channel(name, { baseDir: this.#agent.baseDir }).pipe(
      decodeTFRecord(),
      beforeBatch,
      batch(5),
      parseExample(features),
      tap(({ x }) => name === 'train' && this.seen.push(...x.data)),
      map(({ x }) => ({ xs: x, ys: x })),
    );
  }

  /** Returns the number of opened FIFOs of a channel, from the reader's state. */
  opened(name: string): number {
    try {
      return Number(readFileSync(join(this.#agent.baseDir, 'pipe_state', `.${name}-pipe_mode-state`), 'utf8'));
    } catch {
      return 0;
    }
  }

  stop(): Promise<void> {
    return this.#agent.close();
  }
}

function newModel(): tfjs.Sequential {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1 })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return model;
}

async function drain(batches: AsyncIterable<unknown>): Promise<void> {
  const iterator = batches[Symbol.asyncIterator]();
  while (!(await iterator.next()).done);
}

type Batches = ReturnType<Job['batches']>;
type FitArgs = Omit<tfjs.ModelFitDatasetArgs<unknown>, 'epochs' | 'validationData'>;

async function fit(train$: Batches, args: FitArgs = {}, validation$?: Batches): Promise<void> {
  const validationData = validation$ && toDataset(tf, validation$);
  const model = newModel();
  await fitDataset(model, toDataset(tf, train$), {
    epochs: EPOCHS,
    verbose: 0,
    ...args,
    ...(validationData && { validationData }),
  });
}

/** A callback that stops the training. */
class StopAt extends tf.Callback {
  constructor(when: 'batch' | 'epoch') {
    super();
    const stop = (): Promise<void> => {
      this.model.stopTraining = true;
      return Promise.resolve();
    };
    if (when === 'batch') this.onBatchEnd = stop;
    else this.onEpochEnd = stop;
  }
}

const epochsOf = (seen: readonly number[]): string[] =>
  [0, 1, 2].map((epoch) =>
    seen
      .slice(epoch * RECORDS, (epoch + 1) * RECORDS)
      .sort((a, b) => a - b)
      .join(),
  );
const WHOLE = '0,1,2,3,4,5,6,7,8,9';

const scenarios: Record<string, (job: Job) => Promise<void>> = {
  '`train$` alone': (job) => drain(toAsyncIterable(job.batches('train'))),
  '`train$` with `repeat(3)`': (job) => drain(toAsyncIterable(job.batches('train').pipe(repeat(3)))),
  '`shuffle` before `repeat(3)`': async (job) => {
    await drain(toAsyncIterable(job.batches('train', shuffle(10, { seed: 1 })).pipe(repeat(3))));
    expect(epochsOf(job.seen)).toEqual([WHOLE, WHOLE, WHOLE]);
  },
  '`shuffle` after `repeat(3)`': async (job) => {
    const mixed: MonoTypeOperatorFunction<Uint8Array> = (records$) =>
      records$.pipe(repeat(3), shuffle(10, { seed: 1 }));
    await drain(toAsyncIterable(job.batches('train', mixed)));
    expect(epochsOf(job.seen)[0]).not.toEqual(WHOLE);
  },
  '`train$` with `take(1)`': (job) => drain(toAsyncIterable(job.batches('train').pipe(take(1)))),
  '`fitDataset`': (job) => fit(job.batches('train')),
  '`fitDataset` over `repeat(2)`': (job) => fit(job.batches('train').pipe(repeat(2))),
  '`fitDataset` with `batchesPerEpoch: 2` over `repeat()`': (job) =>
    fit(job.batches('train').pipe(repeat()), { batchesPerEpoch: 2 }),
  '`fitDataset` with `batchesPerEpoch: 3` over `repeat()`': (job) =>
    fit(job.batches('train').pipe(repeat()), { batchesPerEpoch: 3 }),
  '`fitDataset` with `batchesPerEpoch: 2` without `repeat`': async (job) => {
    const said = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    await fit(job.batches('train'), { batchesPerEpoch: 2 });
    expect(said).toHaveBeenCalledWith(expect.stringContaining('ran out of data'));
    said.mockRestore();
  },
  '`fitDataset` with `validationData`': (job) => fit(job.batches('train'), {}, job.batches('validation')),
  '`fitDataset` with `validationData` and `validationBatches: 1`': (job) =>
    fit(job.batches('train'), { validationBatches: 1 }, job.batches('validation')),
  '`fitDataset` with `stopTraining` at the end of the first epoch': (job) =>
    fit(job.batches('train'), { callbacks: [new StopAt('epoch')] }),
  '`fitDataset` with `stopTraining` at the first batch': (job) =>
    fit(job.batches('train'), { callbacks: [new StopAt('batch')] }),
  '`fitDataset` with a callback that throws at the first batch': async (job) => {
    const error = new Error('callback');
    const onBatchEnd = (): Promise<void> => Promise.reject(error);
    await expect(fit(job.batches('train'), { callbacks: { onBatchEnd } })).rejects.toBe(error);
  },
  '`evaluateDataset`': async (job) => {
    const scores = await evaluateDataset(newModel(), toDataset(tf, job.batches('validation')), { verbose: 0 });
    tf.dispose(scores);
  },
};

interface Row {
  readonly name: string;
  readonly figures: readonly number[];
}

/** The rows of the table in `docs/concepts/epochs.md`. */
function rowsOfPage(): Row[] {
  const lines = readFileSync('docs/concepts/epochs.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => {
    const [, name = '', ...cells] = line.split('|').map((cell) => cell.trim());
    return { name, figures: cells.slice(0, 3).map(Number) };
  });
}

describe('docs/concepts/epochs.md', () => {
  const rows = rowsOfPage();
  let job: Job | undefined;
  afterEach(async () => {
    await job?.stop();
  });

  it('has a row for each way of reading', () => {
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(scenarios));
  });

  for (const { name, figures } of rows) {
    it(`is right about ${name}`, async () => {
      job = await Job.start();
      await scenarios[name]?.(job);
      expect([job.opened('train'), job.seen.length, job.opened('validation')]).toEqual(figures);
    });
  }

  it('is right that a prefetch before repeat never opens the next FIFO, but a prefetch after it does', async () => {
    job = await Job.start();
    const before = toAsyncIterable(job.batches('train').pipe(prefetch(2), repeat()))[Symbol.asyncIterator]();
    await before.next();
    await before.next();
    await before.return?.();
    expect(job.opened('train')).toBe(1);
    const after = toAsyncIterable(job.batches('train').pipe(repeat(), prefetch(2)))[Symbol.asyncIterator]();
    await after.next();
    await after.next();
    await after.next();
    await after.return?.();
    expect(job.opened('train')).toBe(3);
  });
});
