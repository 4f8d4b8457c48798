import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MillraceError } from '../../base/errors.js';
import { statOf } from '../commands/processesOfGroup.js';

const PREFIX = 'millrace-';

/** A tree is the temporary folder that replaces `/opt/ml` for one host. */
const OWNER_FILE = '.millrace-owner';

/** The maximum age of an empty owner file. A process writes the file directly after it has created the file. */
const MAX_EMPTY_MS = 60_000;

/** The process that made a tree. */
interface Owner {
  readonly pid: number;
  readonly startTime: string;
  /** The boot and PID namespace of `pid`, because containers may share the temporary folder. */
  readonly pidSpace: string;
}

export async function makeTree(): Promise<string> {
  const baseDir = await mkdtemp(join(tmpdir(), PREFIX));
  const owner = ownerOf(process.pid);
  try {
    if (owner !== undefined) await writeFile(join(baseDir, OWNER_FILE), JSON.stringify(owner));
  } catch (error) {
    await removeTree(baseDir);
    throw error;
  }
  return baseDir;
}

/** If the disk is full, returns an error that explains this. Returns other errors unchanged. */
export function explainFullDisk(error: unknown): unknown {
  const { code = '', path = tmpdir() } = (error ?? {}) as NodeJS.ErrnoException;
  if (!['ENOSPC', 'EDQUOT'].includes(code)) return error;
  const message =
    `Cannot write the folder of the job, ${path}: the disk is full (${code}). Delete files, or set TMPDIR to a folder ` +
    'on a different disk';
  return new MillraceError(message, { code: 'ERR_AGENT', cause: error });
}

/** Removes the owner file, so that no other agent removes the tree. */
export async function keepTree(baseDir: string): Promise<void> {
  await rm(join(baseDir, OWNER_FILE), { force: true });
}

export async function removeTree(baseDir: string): Promise<void> {
  await rm(baseDir, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes the trees that this user's ended processes have left behind, for example after SIGKILL. */
export async function removeDeadTrees(): Promise<void> {
  const folder = tmpdir();
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const baseDir = join(folder, name);
    if (await isDead(baseDir).catch(() => false)) await removeTree(baseDir).catch(() => undefined);
  }
}

async function isDead(baseDir: string): Promise<boolean> {
  const stats = await lstat(baseDir);
  if (!stats.isDirectory() || stats.uid !== process.getuid?.()) return false;
  const text = await readFile(join(baseDir, OWNER_FILE), 'utf8');
  // The process was killed, or the disk was full, before the process wrote the file.
  if (text === '') return Date.now() - stats.mtimeMs > MAX_EMPTY_MS;
  const { pid, startTime, pidSpace } = JSON.parse(text) as Owner;
  return pidSpace === readPidSpace() && ownerOf(pid)?.startTime !== startTime;
}

/** Returns `undefined` if the process is dead or the system has no `/proc`. */
function ownerOf(pid: number): Owner | undefined {
  try {
    return { pid, startTime: statOf(pid).startTime, pidSpace: readPidSpace() };
  } catch {
    return undefined;
  }
}

function readPidSpace(): string {
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
}
