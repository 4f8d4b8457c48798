import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MillraceError } from '../../base/errors.js';

const run = promisify(execFile);

/**
 * Runs the command `mkfifo`, because Node.js cannot make a FIFO.
 *
 * @param mode - the permissions, as in `chmod`. Default: set by the umask of this process.
 * @throws MillraceError `ERR_PLATFORM` if the command is missing, `ERR_AGENT` if it fails.
 */
export async function makeFifos(paths: readonly string[], mode?: string): Promise<void> {
  try {
    await run('mkfifo', [...(mode === undefined ? [] : ['-m', mode]), '--', ...paths]);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new MillraceError(
        'The command mkfifo is not on the PATH: install GNU coreutils or BusyBox, or run in a container: ' +
          'docker run --rm -it -v "$PWD":/app -w /app node:20 npx millrace local job.json -- node train.js',
        { code: 'ERR_PLATFORM', cause },
      );
    }
    throw new MillraceError(`Cannot make FIFOs: ${String(cause)}`, { code: 'ERR_AGENT', cause });
  }
}
