import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { indexRecords } from '../../../src/pipeline/lanes/indexRecords.js';
import type { Cursor } from '../../../src/resume/cursor.js';
import { compiled } from '../../support/compiled.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import type * as hosts from './support/hostSteps.js';

jest.setTimeout(3_600_000);

const { hostSteps } = (await import(compiled('test/pipeline/lanes/support/hostSteps.ts'))) as typeof hosts;

/** A chain starts about 20 processes and threads. */
const CHAINS = Number(process.env['MILLRACE_CHAINS'] ?? 2);
const EPOCHS = 2;
const newFolder = temporaryFolders();

interface Host {
  readonly isProcess: boolean;
  readonly threads: number;
  /** The number of steps after which the host is killed. */
  readonly steps: number;
}

const host = fc.record({ isProcess: fc.boolean(), threads: fc.nat(3), steps: fc.integer({ min: 1, max: 16 }) });
/** At most 16 owners. */
const job = fc.array(host, { minLength: 1, maxLength: 4 });

const ownersOf = ({ threads }: Host): number => Math.max(1, threads);

async function* stepsOfProcess(options: hosts.HostOptions): AsyncGenerator<hosts.HostStep> {
  const args = [compiled('test/pipeline/lanes/support/host.program.ts'), JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  try {
    for await (const line of createInterface(child.stdout)) yield JSON.parse(line) as hosts.HostStep;
  } finally {
    child.kill('SIGKILL');
    await closed;
  }
}

/** Runs a host until it is killed, or to the end of the last epoch. */
async function run({ isProcess, steps }: Host, options: hosts.HostOptions): Promise<hosts.HostStep[]> {
  const read: hosts.HostStep[] = [];
  for await (const step of isProcess ? stepsOfProcess(options) : hostSteps(options)) {
    read.push(step);
    if (read.length === steps) break;
  }
  return read;
}

describe('globalBatches on hosts that are killed', () => {
  it('continues with the same global batches on other numbers of processes and threads', async () => {
    const folder = newFolder();
    for (const file of [0, 1, 2]) {
      const frames = Array.from({ length: 150 }, (_, record) => encodeTFRecord(Buffer.from(`${file}-${record}`)));
      writeFileSync(join(folder, `${file}.tfrecord`), Buffer.concat(frames));
    }
    const patterns = join(folder, '*.tfrecord');
    const index = join(folder, 'index.json');
    writeFileSync(index, JSON.stringify(await indexRecords(patterns, { recordFormat: 'TFRecord', blockBytes: 100 })));
    const data = { patterns, index, epochs: EPOCHS };
    const alone = { ...data, owners: { count: 1, first: 0 }, threads: 0, cursor: undefined };
    const whole = await run({ isProcess: false, threads: 0, steps: Infinity }, alone);
    const expected = whole.map(({ part }) => part);
    expect(expected).toHaveLength(EPOCHS * 10);
    expect(new Set(expected.slice(0, 10).flat()).size).toBe(450);

    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(job), async (jobs) => {
        let cursor: Cursor | undefined;
        for (let done = 0; done < expected.length;) {
          const { value } = jobs.next() as IteratorYieldResult<readonly Host[]>;
          const count = value.map(ownersOf).reduce((sum, owners) => sum + owners);
          const parts = await Promise.all(
            value.map((each, position) => {
              const first = value
                .slice(0, position)
                .map(ownersOf)
                .reduce((sum, owners) => sum + owners, 0);
              return run(each, { ...data, owners: { count, first }, threads: each.threads, cursor });
            }),
          );
          // The checkpoint of the job is the last step of the host that was killed first.
          const steps = Math.min(...parts.map(({ length }) => length));
          const batches = Array.from({ length: steps }, (_, step) => parts.flatMap((host) => host[step]!.part));
          expect(batches).toEqual(expected.slice(done, done + steps));
          done += steps;
          cursor = parts[0]![steps - 1]!.cursor;
          expect(cursor).toEqual(whole[done - 1]!.cursor);
          for (const host of parts) expect(host[steps - 1]!.cursor).toEqual(cursor);
        }
      }),
      { numRuns: CHAINS, endOnFailure: true },
    );
  });
});
