import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryFolder, temporaryFolders } from '../agent/temporaryJob.js';
import { startMillrace } from '../cli/millrace.js';
import { compiled } from '../support/compiled.js';

const newFolder = temporaryFolders();
let prepared: string;

beforeAll(() => {
  prepared = temporaryFolder();
  const { status, stderr } = spawnSync(execPath, ['--import', 'tsx', 'examples/zipped/prepare.ts', prepared]);
  expect([status, stderr.toString()]).toEqual([0, '']);
});
afterAll(() => rmSync(prepared, { recursive: true }));

const train = (folder: string, script: string) =>
  startMillrace(['local', '--verbose', join(folder, 'job.json'), '--', execPath, script]).ended;

describe('the example of two channels', () => {
  it('learns the digits: 0.95 and more of the test records, each channel read once an epoch', async () => {
    const { exitCode, stdout, stderr } = await train(prepared, compiled('examples/zipped/train.ts'));
    expect(exitCode).toBe(0);
    expect(Number(/^accuracy=(.+)$/m.exec(stdout)?.[1])).toBeGreaterThanOrEqual(0.95);
    // A RecordIO record of 64 bytes takes 72 bytes. A label with its newline takes 2 bytes.
    const served = stderr.trim().split('\n').sort();
    const bytesOf = {
      'train-pixels': 1437 * 72,
      'train-labels': 1437 * 2,
      'validation-pixels': 360 * 72,
      'validation-labels': 360 * 2,
    };
    const epochs = Object.entries(bytesOf).flatMap(([name, bytes]) =>
      Array.from({ length: 10 }, (_, epoch) => `millrace: ${name} epoch ${epoch}: ${bytes} bytes`),
    );
    expect(served).toEqual(epochs.sort());
  });

  it('fails where one channel has more records than the other', async () => {
    const folder = newFolder();
    cpSync(prepared, folder, { recursive: true });
    appendFileSync(join(folder, 'train-labels/digits.txt'), '7\n');
    const { exitCode, stderr } = await train(folder, compiled('examples/zipped/train.ts'));
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('zipChannels: image has ended after 1437 items, but label has more');
  });
});
