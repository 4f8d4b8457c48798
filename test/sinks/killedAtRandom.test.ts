import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { build } from 'esbuild';
import { seededRandom } from '../../src/base/seededRandom.js';
import { writeRecords } from '../../src/sinks/writeRecords.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { temporaryFolder } from '../agent/temporaryJob.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { contentOf } from './support/numbered.js';
import { WRITER_OPTIONS, writerRecords } from './support/writerRun.js';

/** `npm run test:thorough` kills 200 writers. */
const KILLS = Number(process.env['MILLRACE_KILLS'] ?? 6);
const SEED = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1e6);
/** The writer is killed at a random time below this: before the first file, or some files later. */
const LONGEST_LIFE_MS = 200;

jest.setTimeout(300_000 + KILLS * 10_000);

const newFolder = temporaryFolders();
const programFolder = temporaryFolder();
const program = join(programFolder, 'recordWriter.mjs');

beforeAll(async () => {
  const entry = fileURLToPath(new URL('support/recordWriter.program.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile: program, bundle: true, platform: 'node', format: 'esm' });
});
afterAll(() => rmSync(programFolder, { recursive: true }));

/** Returns whether the writer ended before it was killed. */
async function killedWriter(pattern: string, lifeMs: number): Promise<boolean> {
  const writer = spawn(process.execPath, [program, pattern], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(writer, 'exit') as Promise<[number | null, string | null]>;
  await Promise.race([once(writer.stdout, 'data'), exited]);
  // Does not wait for an event: this is the time of the kill.
  await delay(lifeMs);
  writer.kill('SIGKILL');
  const [code] = await exited;
  expect([0, null]).toContain(code);
  return code === 0;
}

describe('writeRecords, killed at random', () => {
  it.each(['.tfrecord', '.tfrecord.gz'])(
    'leaves whole files only, and goes on to the same bytes: %s',
    async (ending) => {
      const random = seededRandom(SEED, ending.length);
      const expectedFolder = newFolder();
      await writeRecords(fromIterable(writerRecords()), join(expectedFolder, `part-{shard}${ending}`), WRITER_OPTIONS);
      const { [`part${ending}.manifest.json`]: manifest = '', ...expected } = contentOf(expectedFolder);
      let folder = newFolder();
      let [kills, runs, files, unfinished] = [0, 0, 0, 0];
      while (kills < KILLS / 2) {
        const isDone = await killedWriter(join(folder, `part-{shard}${ending}`), random(LONGEST_LIFE_MS));
        const content = Object.entries(contentOf(folder));
        const whole = content.filter(([name]) => name.startsWith('part-'));
        expect(whole.filter(([name, text]) => text !== expected[name]).map(([name]) => name)).toEqual([]);
        if (!isDone) {
          kills++;
          files += whole.length;
          unfinished += content.filter(([name]) => name.endsWith('.millrace-tmp')).length;
          continue;
        }
        const resumed = contentOf(folder);
        expect(resumed).toEqual({
          ...expected,
          [`part${ending}.manifest.json`]: manifest.replaceAll(expectedFolder, folder),
        });
        runs++;
        folder = newFolder();
      }
      const figures = `${kills} kills (seed ${SEED}): ${runs} runs completed, ${files} whole files and ${unfinished} unfinished ones found`;
      process.stdout.write(`writeRecords, killed at random, ${ending}: ${figures}\n`);
      await writeRecords(fromIterable(writerRecords()), join(folder, `part-{shard}${ending}`), {
        ...WRITER_OPTIONS,
        resume: true,
      });
      expect(contentOf(folder)).toEqual({
        ...expected,
        [`part${ending}.manifest.json`]: manifest.replaceAll(expectedFolder, folder),
      });
    },
  );
});
