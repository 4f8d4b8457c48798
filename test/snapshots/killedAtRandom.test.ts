import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { build } from 'esbuild';
import { seededRandom } from '../../src/base/seededRandom.js';
import { temporaryFolder } from '../agent/temporaryJob.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { filesBelow } from './support/folders.js';

/** `npm run test:thorough` kills 200 processes. */
const KILLS = Number(process.env['MILLRACE_KILLS'] ?? 4);
const SEED = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1e6);

jest.setTimeout(300_000 + KILLS * 10_000);

const newFolder = temporaryFolders();
const programFolder = temporaryFolder();
const program = join(programFolder, 'snapshot.mjs');

beforeAll(async () => {
  const entry = fileURLToPath(new URL('support/snapshot.program.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile: program, bundle: true, platform: 'node', format: 'esm' });
});
afterAll(() => rmSync(programFolder, { recursive: true }));

interface Ran {
  readonly isKilled: boolean;
  /** `source` or `snapshot`. */
  readonly from: string;
  /** Of the event loop. */
  readonly turns: number;
}

/** Runs a process, which kills itself after some turns of its event loop. Fails if the process has read wrong items. */
async function run(folder: string, turns = Infinity): Promise<Ran> {
  const child = spawn(process.execPath, [program, folder, String(turns)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect([0, 'SIGKILL']).toContain(code ?? signal);
  const [from = '', ran] = printed.split(' ');
  return { isKilled: code === null, from, turns: Number(ran) };
}

const namesOf = (folder: string): string[] => filesBelow(folder).map((path) => path.slice(folder.length));

describe('snapshot in several processes', () => {
  const folder = newFolder();
  let alone: readonly string[];
  let wholeTurns: number;

  it('is written by several processes at once, and one of them keeps its files', async () => {
    const whole = newFolder();
    const first = await run(whole);
    expect(first.from).toBe('source');
    wholeTurns = first.turns;
    alone = namesOf(whole);
    const ran = await Promise.all([run(folder), run(folder), run(folder)]);
    expect(ran.map(({ from }) => from)).toContain('source');
    expect((await run(folder)).from).toBe('snapshot');
    expect(namesOf(folder)).toEqual(alone);
  });

  it('is never used half-written, if processes are killed at random', async () => {
    const random = seededRandom(SEED, 1);
    let place = newFolder();
    let [kills, complete, torn] = [0, 0, 0];
    while (kills < KILLS) {
      const { isKilled } = await run(place, random(wholeTurns));
      const isComplete = filesBelow(place).some((path) => !path.endsWith('.millrace-tmp'));
      if (isKilled) kills++;
      if (isKilled && !isComplete) torn += filesBelow(place).length > 0 ? 1 : 0;
      if (!isComplete) continue;
      complete++;
      expect((await run(place)).from).toBe('snapshot');
      place = newFolder();
    }
    process.stdout.write(`snapshot: ${kills} kills (seed ${SEED}), ${torn} left files, ${complete} epochs completed\n`);
    expect((await run(place)).from).toBe('source');
    // The process that completes a snapshot removes the files of killed ones.
    expect(namesOf(place)).toEqual(alone);
  });
});
