import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { encodeTFRecord } from 'millrace/formats';
import { loadCursor } from '../../src/resume/cursorFile.js';
import { temporaryAgents } from '../agent/temporaryAgents.js';
import { channelOf, sharded, temporaryFolders } from '../agent/temporaryJob.js';
import { compiled } from '../support/compiled.js';
import { runs } from '../support/runs.js';

jest.setTimeout(600_000);

const RECORDS_PER_FILE = 90;
const EPOCHS = 3;

const newFolder = temporaryFolders();
const startAgent = temporaryAgents();

/** Makes eight files to shard over the hosts. Their data is larger than a pipe, so a killed reader stops in the middle. */
const newData = (): string =>
  newFolder(
    Object.fromEntries(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((letter) => {
        const texts = Array.from({ length: RECORDS_PER_FILE }, (_, i) => `${letter}${i}`.padEnd(400, '.'));
        return [`data/${letter}.tfrecord`, Buffer.concat(texts.map((text) => encodeTFRecord(Buffer.from(text))))];
      }),
    ),
  );

interface Job {
  readonly hosts: number;
  readonly isShuffled: boolean;
}

/** Makes a container for each host, with FIFOs from epoch 0. */
async function newContainers({ hosts, isShuffled }: Job, relativeTo: string) {
  const train = hosts > 1 ? sharded(channelOf('train', 'data')) : channelOf('train', 'data');
  const shuffle = isShuffled ? { ShuffleConfig: { Seed: 3 } } : {};
  return startAgent({ InputDataConfig: [{ ...train, ...shuffle }] }, { relativeTo, hosts });
}

interface Run {
  readonly baseDir: string;
  readonly cursor: string;
  readonly saveEvery: number;
  readonly isShuffled: boolean;
  /** The number of batches after which the process is killed. Default: never. */
  readonly killAfter?: number;
}

/** Runs a reader to its end or until it is killed. */
async function read({ baseDir, cursor, saveEvery, isShuffled, killAfter = Infinity }: Run) {
  const args = [compiled('test/operators/resumingReader.ts'), baseDir, cursor, String(saveEvery), String(isShuffled)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const batches: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    batches.push(line);
    if (batches.length >= killAfter) child.kill('SIGKILL');
  }
  await closed;
  // A batch that was only partly written is not delivered.
  if (child.signalCode && batches.at(-1)?.length !== batches[0]?.length) batches.pop();
  return { batches, stderr, signal: child.signalCode };
}

/** Returns the number of batches in a cursor, over all epochs. */
function positionOf(path: string, batchesAnEpoch: readonly number[]): number {
  const { epoch, items } = loadCursor(path) ?? { epoch: 0, items: 0 };
  return batchesAnEpoch.slice(0, epoch).reduce((sum, count) => sum + count, items);
}

const kills = fc.record({
  first: fc.integer({ min: 1, max: 90 }),
  second: fc.integer({ min: 1, max: 90 }),
  saveEvery: fc.integer({ min: 1, max: 9 }),
});

/** A reader that is killed after it reserved an epoch, and before it opened the FIFO, makes the next reader warn. */
const SKIPPED_OR_NOTHING = /^(\(node:\d+\) \[MILLRACE_SKIPPED_EPOCH\].*\n\(Use .*\n)?$/;

/** Kills a host's reader twice, continues each time in `nextContainer`, and compares with a whole run. */
async function checkResumed(
  whole: readonly string[],
  { first, second, saveEvery }: { first: number; second: number; saveEvery: number },
  options: { isShuffled: boolean; nextContainer: () => Promise<string> },
): Promise<void> {
  const { isShuffled, nextContainer } = options;
  const cursor = join(newFolder(), 'cursor.json');
  const perEpoch = Array.from({ length: EPOCHS }, () => whole.length / EPOCHS);
  for (const killAfter of [first, second, Infinity]) {
    const from = positionOf(cursor, perEpoch);
    const run = await read({ baseDir: await nextContainer(), cursor, saveEvery, isShuffled, killAfter });
    expect(run.stderr).toMatch(SKIPPED_OR_NOTHING);
    // The batches start exactly after the saved cursor.
    expect(run.batches).toEqual(whole.slice(from, from + run.batches.length));
    if (run.signal) continue;
    expect(from + run.batches.length).toBe(whole.length);
    expect(loadCursor(cursor)).toMatchObject({ epoch: EPOCHS, items: 0 });
    return;
  }
}

async function wholeOf(job: Job, folder: string): Promise<string[][]> {
  const { hosts } = await newContainers(job, folder);
  const cursor = join(newFolder(), 'cursor.json');
  const runs = await Promise.all(
    hosts.map(({ baseDir, name }) => read({ ...job, baseDir, cursor: `${cursor}.${name}`, saveEvery: 50 })),
  );
  expect(runs.map(({ stderr }) => stderr)).toEqual(hosts.map(() => ''));
  return runs.map(({ batches }) => batches);
}

describe('resumable, in processes that are killed', () => {
  it.each([
    { hosts: 1, isShuffled: false },
    { hosts: 1, isShuffled: true },
    { hosts: 2, isShuffled: true },
  ])('continues in a new container: %p', async (job) => {
    const folder = newData();
    const wholes = await wholeOf(job, folder);
    const rank = fc.nat(job.hosts - 1);
    await fc.assert(
      fc.asyncProperty(kills, rank, async (moments, rank) => {
        const nextContainer = async () => (await newContainers(job, folder)).hosts[rank]!.baseDir;
        await checkResumed(wholes[rank]!, moments, { ...job, nextContainer });
      }),
      { numRuns: runs(4, 1), endOnFailure: true },
    );
  });

  it('continues in the same container, from the next FIFO', async () => {
    const job = { hosts: 1, isShuffled: false };
    const folder = newData();
    const [whole] = await wholeOf(job, folder);
    await fc.assert(
      fc.asyncProperty(kills, async (moments) => {
        const { baseDir } = await newContainers(job, folder);
        await checkResumed(whole!, moments, { ...job, nextContainer: () => Promise.resolve(baseDir) });
      }),
      { numRuns: runs(4, 1), endOnFailure: true },
    );
  });

  it('says that the epoch has already been read, in the same container of a job that shuffles', async () => {
    const job = { hosts: 1, isShuffled: true };
    const folder = newData();
    const { baseDir } = await newContainers(job, folder);
    const cursor = join(newFolder(), 'cursor.json');
    await read({ ...job, baseDir, cursor, saveEvery: 1, killAfter: 5 });
    const { stderr, batches } = await read({ ...job, baseDir, cursor, saveEvery: 1 });
    expect(batches).toEqual([]);
    expect(stderr).toMatch(/Epoch \d of channel train has already been read in this container: .*epoch \d is next\./);
  });
});
