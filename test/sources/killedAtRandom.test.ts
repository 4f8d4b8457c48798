import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { seededRandom } from '../../src/base/seededRandom.js';
import { EpochState } from '../../src/sagemaker/epochState.js';
import { servedLog, temporaryAgents } from '../agent/temporaryAgents.js';
import { channelOf, temporaryFolder, temporaryFolders } from '../agent/temporaryJob.js';
import { bundleReader, readLog, runReader, startReader, type ReaderLine } from './support/startReader.js';

/** `npm run test:thorough` kills 200 readers. */
const KILLS = Number(process.env['MILLRACE_KILLS'] ?? 12);
const SEED = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1e6);
/** The number of simultaneous readers of the channel. */
const LANES = 2;
/** A reader is killed at a random time below this: before the first read, or some epochs later. */
const LONGEST_LIFE_MS = 100;

jest.setTimeout(300_000 + KILLS * 10_000);

const newFolder = temporaryFolders();
const startAgent = temporaryAgents();
const programFolder = temporaryFolder();
let program = '';
beforeAll(async () => {
  program = await bundleReader(programFolder);
});
afterAll(() => rmSync(programFolder, { recursive: true }));

/** Returns the epoch of each open of a FIFO. */
const opened = (lines: readonly ReaderLine[]): number[] =>
  lines.flatMap(({ what }) => {
    const [, epoch] = /^openSync train_(\d+)$/.exec(what) ?? [];
    return epoch === undefined ? [] : [Number(epoch)];
  });

const skipped = (lines: readonly ReaderLine[]): number[] =>
  lines.flatMap(({ what }) => {
    const [, epoch] = /^MILLRACE_SKIPPED_EPOCH Epoch (\d+) /.exec(what) ?? [];
    return epoch === undefined ? [] : [Number(epoch)];
  });

describe('channel, its readers killed at random', () => {
  it('reads no epoch twice, reports each skipped epoch, and always continues', async () => {
    const random = seededRandom(SEED, 0);
    const { onEpoch, epochs } = servedLog();
    const job = { InputDataConfig: [channelOf('train', newFolder({ a: Buffer.alloc(200_000, 'millrace') }))] };
    const { baseDir } = await startAgent(job, { onEpoch });
    const log = join(newFolder(), 'log');
    const state = new EpochState(join(baseDir, 'pipe_state'), 'train');
    const states: number[] = [];

    async function killSome(count: number): Promise<void> {
      for (let kill = 0; kill < count; kill++) {
        const reader = startReader(program, { baseDir, log, epochs: 1e9 });
        const exited = once(reader, 'exit');
        if (random(4) > 0) await once(reader.stdout, 'data');
        // Does not wait for an event: this is the time of the kill.
        await delay(random(LONGEST_LIFE_MS));
        reader.kill('SIGKILL');
        expect(await exited).toEqual([null, 'SIGKILL']);
        states.push(state.read());
      }
    }
    await Promise.all(Array.from({ length: LANES }, () => killSome(Math.ceil(KILLS / LANES))));
    // Nothing blocks the next reader.
    expect(await runReader(program, { baseDir, log, epochs: 3 })).toBe(0);

    const lines = readLog(log);
    const end = state.read();
    const [opens, skips] = [opened(lines), new Set(skipped(lines))];
    const figures = `${KILLS} kills (seed ${SEED}): ${end} epochs taken, ${opens.length} opened, ${skips.size} skipped`;
    process.stdout.write(`channel, its readers killed at random: ${figures}\n`);

    expect(lines.filter(({ event }) => event === 'failed')).toEqual([]);
    expect(new Set(opens).size).toBe(opens.length);
    expect(new Set(epochs.map(({ epoch }) => epoch)).size).toBe(epochs.length);
    const unopened = Array.from({ length: end }, (_, epoch) => epoch).filter((epoch) => !opens.includes(epoch));
    expect(unopened.filter((epoch) => !skips.has(epoch))).toEqual([]);
    expect(states).toEqual([...states].sort((a, b) => a - b));
    expect(lines.filter(({ event }) => event === 'done')).toHaveLength(1);
  });
});
