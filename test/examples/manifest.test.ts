import { deepStrictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readTrainingJob, startLocalAgent } from 'millrace/agent';
import { lastValueFrom, toArray } from 'rxjs';
import sharp from 'sharp';
import { readManifest } from '../../examples/manifest/readManifest.js';
import { PARTS, readDigits } from '../../examples/zipped/readDigits.js';
import { temporaryFolder } from '../agent/temporaryJob.js';
import { startMillrace } from '../cli/millrace.js';
import { compiled } from '../support/compiled.js';

const RECORDS = { train: 1437, validation: 360 };

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
  const { status, stderr } = spawnSync(execPath, ['--import', 'tsx', 'examples/manifest/prepare.ts', folder]);
  expect([status, stderr.toString()]).toEqual([0, '']);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the example of an augmented manifest', () => {
  it('makes grey PNGs of 8 by 8 pixels', async () => {
    for (const part of PARTS) expect(readdirSync(join(folder, part))).toHaveLength(RECORDS[part]);
    expect(await sharp(join(folder, 'train/0.png')).metadata()).toMatchObject({
      format: 'png',
      width: 8,
      height: 8,
      channels: 1,
      depth: 'uchar',
    });
  });

  it.each(PARTS)('reads the pixels and labels of the digits themselves from the channel %s', async (part) => {
    const job = readTrainingJob(join(folder, 'job.json'));
    const agent = await startLocalAgent(job, { relativeTo: folder });
    const read$ = readManifest(part, { baseDir: agent.baseDir }).pipe(toArray());
    const read = await lastValueFrom(read$);
    await agent.close();
    expect(read).toHaveLength(RECORDS[part]);
    // Jest's own comparison takes seconds.
    deepStrictEqual(read, await lastValueFrom(readDigits(part).pipe(toArray())));
  });

  it('learns the digits: 0.95 and more of the test records, each image decoded once', async () => {
    const command = [execPath, compiled('examples/manifest/train.ts')];
    const job = join(folder, 'job.json');
    const { exitCode, stdout, stderr } = await startMillrace(['local', '--verbose', job, '--', ...command]).ended;
    expect(exitCode).toBe(0);
    expect(Number(/^accuracy=(.+)$/m.exec(stdout)?.[1])).toBeGreaterThanOrEqual(0.95);
    expect(stderr).toMatch(/^millrace: train epoch 0: \d+ bytes\nmillrace: validation epoch 0: \d+ bytes\n$/);
  });
});
