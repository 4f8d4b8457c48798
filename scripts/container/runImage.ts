/**
 * `runImage <image.json> <command…>` replaces `docker run <image> <command…>`, which SageMaker uses. It mounts the
 * job's folder, `$SAGEMAKER_BASE_DIR`, at `/opt/ml`, and forwards the variables of the platform.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { readFileSync } from 'node:fs';
import { argv, env } from 'node:process';
import type { Image } from './buildImage.js';
import { chrootArgs } from './chroot.js';

const [, , file = '', ...args] = argv;
const image = JSON.parse(readFileSync(file, 'utf8')) as Image;
const baseDir = env['SAGEMAKER_BASE_DIR'];
if (baseDir === undefined)
  throw new Error('runImage: SAGEMAKER_BASE_DIR is not set: run this script under `millrace local`.');

const ofPlatform = Object.entries(env).filter(
  (entry): entry is [string, string] => /^(TRAINING_JOB_|AWS_REGION$)/.test(entry[0]) && entry[1] !== undefined,
);
const command = {
  root: image.root,
  cwd: image.workdir,
  env: { ...Object.fromEntries(ofPlatform), ...image.env },
  args: [...image.entrypoint, ...(args.length > 0 ? args : image.cmd)],
  mounts: { '/opt/ml': baseDir },
};

const container = spawn('unshare', chrootArgs(command), { stdio: 'inherit' });
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => container.kill(signal));
container.on('error', (error) => {
  throw error;
});
container.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
});
