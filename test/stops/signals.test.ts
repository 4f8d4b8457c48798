import { randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { seededRandom } from '../../src/base/seededRandom.js';
import { channelOf } from '../agent/temporaryJob.js';
import { startMillrace, type Millrace } from '../cli/millrace.js';
import { FifoWriter, makeFifo, nextTurn, until } from '../support/fifoWriter.js';
import { runs } from '../support/runs.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';

/** The number of stopped processes in each test. `SIGNAL_RUNS=250` makes 1,000 in all. */
const RUNS = Number(process.env['SIGNAL_RUNS'] ?? runs(15, 3));

jest.setTimeout(60_000 + RUNS * 10_000);

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** About the time until such a process reads. */
const LONGEST_START_MS = 1500;
const MOST_TURNS = 200;
const RECORDS = Buffer.concat(Array.from({ length: 20 }, (_, i) => encodeTFRecord(new Uint8Array(100).fill(i))));

const newFolder = temporaryFolders();

/** A running process. */
interface Reading {
  readonly millrace: Millrace;
  /** The process prints this when it reads. */
  readonly word: string;
  /** Releases what belongs to the test. */
  readonly release?: () => Promise<void>;
}

/** Starts a process with its own folder. */
type Start = (folder: string, tmp: string) => Reading;

/** Returns a training script that reads epochs endlessly. */
const script = (body: string) => `
  import { channel, toAsyncIterable, trainingJob } from 'millrace';
  import { decodeTFRecord, prefetch } from 'millrace/operators';
  import { repeat } from 'rxjs';
  const read = async (signal) => {
    let count = 0;
    const records$ = channel('train', { signal }).pipe(decodeTFRecord(), prefetch(10), repeat());
    for await (const record of toAsyncIterable(records$)) if (count++ === 0) console.log('reading');
  };
  ${body}`;

const STOPS_AT_ONCE = script('await read();');

const STOPS_BY_SIGNAL = script(`
  const job = trainingJob();
  try {
    await read(job.signal);
  } catch (error) {
    if (error !== job.signal.reason) throw error;
    console.log('stopped');
  } finally {
    job.close();
  }`);

const local =
  (code: string): Start =>
  (folder, tmp) => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data/a.tfrecord'), RECORDS);
    const path = join(folder, 'job.json');
    writeFileSync(path, JSON.stringify({ InputDataConfig: [channelOf('train', 'data')] }));
    const command = [process.execPath, '--input-type=module', '-e', code];
    return { millrace: startMillrace(['local', path, '--', ...command], { TMPDIR: tmp }), word: 'reading' };
  };

const runPipeline: Start = (folder, tmp) => {
  const tree = new TrainingTree(folder);
  const path = join(folder, 'pipeline.json');
  writeFileSync(path, JSON.stringify({ channels: { train: { recordFormat: 'TFRecord' } }, stages: [] }));
  const release = feedAndHold(tree.makeFifo('train', 0));
  const environment = { TMPDIR: tmp, SAGEMAKER_BASE_DIR: tree.baseDir };
  return { millrace: startMillrace(['run', path, '--head', '1000'], environment), word: 'item 0', release };
};

const inspect: Start = (folder, tmp) => {
  const path = makeFifo(join(folder, 'fifo'));
  const release = feedAndHold(path);
  return { millrace: startMillrace(['inspect', path, '--head', '1000'], { TMPDIR: tmp }), word: 'record 0', release };
};

/** Writes some records to a FIFO when a reader comes. Then keeps the FIFO open without data until the release. */
function feedAndHold(path: string): () => Promise<void> {
  const writer = FifoWriter.open(path);
  const fed = writer.then((open) => open.write(RECORDS));
  // A reader that is stopped early may never come. The FIFO is then removed.
  fed.catch(() => undefined);
  return async () => {
    rmSync(path, { force: true });
    await fed.then(
      async () => (await writer).close(),
      () => undefined,
    );
  };
}

/** Finds other processes whose environment contains a text: the started processes and their children. */
function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false;
    try {
      return readFileSync(`/proc/${id}/environ`, 'latin1').includes(text);
    } catch {
      return false; // The process has ended.
    }
  });
}

describe.each([
  ['millrace local with a script that knows nothing of signals', local(STOPS_AT_ONCE)],
  ['millrace local with a script that heeds the signal of its trainingJob', local(STOPS_BY_SIGNAL)],
  ['millrace run', runPipeline],
  ['millrace inspect', inspect],
])('%s', (_, start) => {
  it('ends by itself at a signal at any moment, with the right exit code, and leaves nothing', async () => {
    const seed = randomInt(2 ** 32);
    for (let number = 0; number < RUNS; number++) {
      const random = seededRandom(seed, number);
      const signal = SIGNALS[random(SIGNALS.length)]!;
      const [folder, tmp] = [newFolder(), newFolder()];
      const { millrace, word, release } = start(folder, tmp);
      // Half of the processes are stopped during the start, half while they read.
      if (random(2) === 0) await delay(random(LONGEST_START_MS));
      else {
        await millrace.said(word);
        for (let turns = random(MOST_TURNS); turns > 0; turns--) await nextTurn();
      }
      millrace.kill(signal);
      const { exitCode, stdout, stderr } = await millrace.ended;
      await release?.();
      await until(() => processesWith(tmp).length === 0);
      const hasBegun = stdout.includes(word);
      const isHeeded = stdout.includes('stopped');
      const byCode = isHeeded ? 0 : 128 + constants.signals[signal];
      // Before a process listens for signals, the system ends it without an exit code.
      const expected = exitCode === null && !hasBegun ? null : byCode;
      const run = { seed, number, signal, hasBegun };
      expect({ ...run, exitCode, stderr, left: readdirSync(tmp) }).toEqual({
        ...run,
        exitCode: expected,
        stderr: expect.not.stringMatching(/rror/),
        left: [],
      });
    }
  });
});
