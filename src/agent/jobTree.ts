import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { statOf } from './processesOfGroup.js';

const PREFIX = 'millrace-';

/** Says in a tree which process has made it. */
const OWNER_FILE = '.millrace-owner';

/** Who makes trees: a process, told from any other with the same number before or after it. */
interface Owner {
  readonly pid: number;
  readonly startTime: string;
  /** The boot and the namespace that its number belongs to: a folder of trees may be shared with other containers. */
  readonly pidSpace: string;
}

/** Makes the folder of a host's tree, marked as this process's. */
export async function makeTree(): Promise<string> {
  const baseDir = await mkdtemp(join(tmpdir(), PREFIX));
  const owner = ownerOf(process.pid);
  if (owner !== undefined) await writeFile(join(baseDir, OWNER_FILE), JSON.stringify(owner));
  return baseDir;
}

/** Takes the mark away, so that the tree outlives its process. */
export async function keepTree(baseDir: string): Promise<void> {
  await rm(join(baseDir, OWNER_FILE), { force: true });
}

/** Removes a tree. */
export async function removeTree(baseDir: string): Promise<void> {
  await rm(baseDir, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes the trees of this user whose process is dead: SIGKILL left it no time to do so. */
export async function removeDeadTrees(): Promise<void> {
  const folder = tmpdir();
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const baseDir = join(folder, name);
    // What cannot be read or removed is not this process's affair.
    if (await isDead(baseDir).catch(() => false)) await removeTree(baseDir).catch(() => undefined);
  }
}

async function isDead(baseDir: string): Promise<boolean> {
  const stats = await lstat(baseDir);
  if (!stats.isDirectory() || stats.uid !== process.getuid?.()) return false;
  const { pid, startTime, pidSpace } = JSON.parse(await readFile(join(baseDir, OWNER_FILE), 'utf8')) as Owner;
  return pidSpace === readPidSpace() && ownerOf(pid)?.startTime !== startTime;
}

/** `undefined` for a process that is dead, and on a system without `/proc`. */
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
