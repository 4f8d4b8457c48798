import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { CONSUMERS } from './consumers.js';
import type { StopsReport } from './main.js';
import { SOURCES } from './sources.js';
import { STAGES } from './stages.js';
import { TRAININGS } from './trainers.js';
import { compiled } from '../support/compiled.js';
import { runs } from '../support/runs.js';

const RUNS_OF_A_PART = 250;
const RUNS = runs(1000, 500);
const PARTS = RUNS / RUNS_OF_A_PART;

jest.setTimeout(900_000);

/**
 * Stops pipelines in a separate process, which has Node's real `process` and must end by itself.
 *
 * To repeat one run: `node dist/test/stops/main.js <seed> <number> <number + 1>`.
 */
async function stop(seed: number, first: number, end: number): Promise<StopsReport> {
  const args = ['--no-warnings', compiled('test/stops/main.ts'), String(seed), String(first), String(end)];
  const { stdout } = await promisify(execFile)(execPath, args, { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as StopsReport;
}

describe('a pipeline that is stopped', () => {
  const seed = randomInt(2 ** 32);
  const reports: StopsReport[] = [];
  const parts = Array.from({ length: PARTS }, (_, part) => part * RUNS_OF_A_PART);

  it.each(parts)('leaves nothing behind, however it is made and stopped: runs %i and on', async (first) => {
    const report = await stop(seed, first, first + RUNS_OF_A_PART);
    reports.push(report);
    expect(report.failures).toEqual([]);
  });

  it('was made of everything, and stopped in every way', () => {
    expect(reports.map(({ runs }) => runs)).toEqual(Array(PARTS).fill(RUNS_OF_A_PART));
    const taken = new Set(reports.flatMap(({ counts }) => Object.keys(counts)));
    const choices = [SOURCES, STAGES, TRAININGS, ...Object.values(CONSUMERS)].flatMap((each) => Object.keys(each));
    expect(choices.filter((choice) => !taken.has(choice))).toEqual([]);
    const endings = reports.map((report) => report.endings);
    for (const how of ['completed', 'stopped', 'failed'] as const) {
      expect(endings.reduce((sum, each) => sum + each[how], 0)).toBeGreaterThan(0);
    }
  });
});
