import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The start of the names of the folders. Includes the namespace of process numbers, because containers may share a folder. */
export const PREFIX = `millrace-tests-${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]}-`;

/**
 * Removes the folders of runs that were killed, with the file systems that are mounted there.
 *
 * @param {string} parent
 */
export function removeAbandoned(parent) {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : NaN;
    if (Number.isNaN(pid) || existsSync(`/proc/${pid}`)) continue;
    const folder = join(parent, name);
    try {
      for (const path of mountedIn(folder)) execFileSync('umount', [path], { stdio: 'ignore' });
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // A folder of another user, or a process that the run started and that still uses the folder.
    }
  }
}

/**
 * Returns mount points, the innermost first.
 *
 * @param {string} folder
 */
function mountedIn(folder) {
  const paths = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) =>
      line.split(' ')[4]?.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))),
    );
  return paths.filter((path) => path?.startsWith(`${folder}/`)).reverse();
}
