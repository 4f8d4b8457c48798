import { constants } from 'node:fs';
import { access, readFile, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A part of the machine or an installed package. */
export interface Check {
  readonly name: string;
  /** The version or state. `null` if the part is missing. */
  readonly found: string | null;
  readonly isOk: boolean;
  /** True if all of Millrace needs the part. */
  readonly isRequired?: true;
  readonly neededFor: string;
  /** How to add the part: a command, if possible. */
  readonly remedy: string;
}

/** The default limit of most Linux distributions. */
const MIN_OPEN_FILES = 1024;

/** A job's model, output and files of File mode rarely fit into less space. */
const MIN_FREE_BYTES = 1e9;

const PIPE_MODE = 'Pipe mode';

export async function checkMachine(): Promise<readonly Check[]> {
  const mkfifo = await findCommand('mkfifo');
  const natsServer = await findCommand('nats-server');
  // Node.js raises its own limit to the hard limit when it starts.
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const openFiles = /^Max open files +(\w+)/m.exec(limits)?.[1] ?? 'unknown';
  const folder = tmpdir();
  const free = await freeBytes(folder);
  const shared = await freeBytes('/dev/shm');
  return [
    {
      name: 'system',
      found: `${process.platform} ${process.arch}`,
      isOk: process.platform === 'linux',
      neededFor: PIPE_MODE,
      remedy: 'docker run --rm -it -v "$PWD":/app -w /app node:20',
    },
    {
      name: 'mkfifo',
      found: mkfifo,
      isOk: mkfifo !== null,
      neededFor: `${PIPE_MODE} of local jobs`,
      remedy: 'apt-get install coreutils',
    },
    {
      name: 'nats-server',
      found: natsServer,
      isOk: natsServer !== null,
      neededFor: 'helpers on other machines, unless another machine runs it',
      remedy: 'apt-get install nats-server',
    },
    {
      name: 'open files',
      found: openFiles,
      isOk: !(Number(openFiles) < MIN_OPEN_FILES),
      neededFor: 'many files and workers at the same time',
      remedy: 'ulimit -n 4096',
    },
    {
      name: 'temporary folder',
      found: free === null ? `cannot write to ${folder}` : `${gigabytes(free)} in ${folder}`,
      isOk: (free ?? 0) >= MIN_FREE_BYTES,
      neededFor: 'the folders of local jobs',
      remedy: 'export TMPDIR=<a folder on a disk with free space>',
    },
    {
      name: '/dev/shm',
      found: shared === null ? null : gigabytes(shared),
      isOk: shared !== null,
      neededFor: 'local jobs in memory (TMPDIR=/dev/shm)',
      remedy: 'mount -t tmpfs tmpfs /dev/shm',
    },
  ];
}

async function findCommand(command: string): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, command);
    const found = await access(path, constants.X_OK).catch((error: unknown) => error);
    if (found === undefined) return path;
  }
  return null;
}

/** Returns `null` if files cannot be written. */
async function freeBytes(folder: string): Promise<number | null> {
  try {
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB free`;
