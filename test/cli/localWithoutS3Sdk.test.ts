import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { channelOf, temporaryFolders } from '../agent/temporaryJob.js';
import { withoutPackages } from '../support/withoutPackages.js';
import { startMillrace } from './millrace.js';

const newFolder = temporaryFolders();

it('millrace local --store s3 without the SDK says what to install, and does not run the command', async () => {
  const job = JSON.stringify({ InputDataConfig: [channelOf('train', 's3://bucket/train')] });
  const folder = newFolder({ 'job.json': job });
  const command = ['touch', join(folder, 'ran')];
  const words = ['local', join(folder, 'job.json'), '--store', 's3', '--', ...command];
  // It is imported only when the command needs it.
  const environment = { NODE_OPTIONS: withoutPackages('@aws-sdk/client-s3') };
  expect(await startMillrace(words, environment).ended).toMatchObject({
    exitCode: 2,
    stderr: 'millrace: s3Store needs the package @aws-sdk/client-s3: npm install @aws-sdk/client-s3\n',
  });
  expect(existsSync(join(folder, 'ran'))).toBe(false);
});
