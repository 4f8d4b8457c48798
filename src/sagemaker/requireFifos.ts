import process from 'node:process';
import { MillraceError } from '../base/errors.js';

/**
 * Refuses to go on where there are no Linux FIFOs.
 *
 * @throws MillraceError `ERR_PLATFORM`, naming a container command that works.
 */
export function requireFifos(): void {
  if (process.platform === 'linux') return;
  throw new MillraceError(
    `Pipe mode needs the FIFOs of Linux, and this is ${process.platform}. Run it in a container: ` +
      'docker run --rm -it -v "$PWD":/app -w /app node:20 npx millrace local job.json -- node train.js',
    { code: 'ERR_PLATFORM' },
  );
}
