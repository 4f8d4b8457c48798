import { MillraceError } from '../base/errors.js';

/**
 * @throws MillraceError `ERR_PLATFORM` on systems other than Linux. The message contains a command that starts a
 *   container.
 */
export function requireFifos(): void {
  if (process.platform === 'linux') return;
  throw new MillraceError(
    `Pipe mode needs the FIFOs of Linux, but this system is ${process.platform}. Run the job in a container: ` +
      'docker run --rm -it -v "$PWD":/app -w /app node:20 npx millrace local job.json -- node train.js',
    { code: 'ERR_PLATFORM' },
  );
}
