import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ChannelError } from '../base/errors.js';
import { replaceFile } from '../base/replaceFile.js';

/**
 * Stores the next epoch of a channel between processes, in the file and the decimal format of Amazon's
 * `PipeModeDataset`.
 *
 * | file in the state folder | content |
 * |---|---|
 * | `.<channel>-pipe_mode-state` | the epoch that is read next |
 * | `.<channel>-pipe_mode-opening` | the epoch that is being opened; removed when the epoch is open |
 *
 * Each file is written under a temporary name and renamed, so a killed process or a full disk leaves the old or new
 * content. The files are not flushed, because a crash of the machine also removes the FIFOs.
 *
 * @see https://github.com/aws/sagemaker-tensorflow-extensions, `PipeStateManager`
 */
export class EpochState {
  readonly path: string;
  readonly #openingPath: string;

  constructor(stateDir: string, channel: string) {
    this.path = join(stateDir, `.${channel}-pipe_mode-state`);
    this.#openingPath = join(stateDir, `.${channel}-pipe_mode-opening`);
  }

  /**
   * Returns 0 if there is no file.
   *
   * @throws ChannelError if the file does not contain a number.
   */
  read(): number {
    const text = this.#attempt(() => readIfThere(this.path));
    if (text === undefined) return 0;
    const epoch = numberIn(text);
    if (epoch !== undefined) return epoch;
    throw new ChannelError(
      `${this.path}: expected the number of the next epoch, found ${text === '' ? 'an empty file' : JSON.stringify(text.slice(0, 40))}. ` +
        'Write the correct number to this file, or remove the file to begin with epoch 0.',
      { code: 'ERR_CHANNEL_STATE', path: this.path },
    );
  }

  /**
   * Returns the epoch in the file `…-opening` if it is less than `next`: it was claimed but never read, because its
   * process ended.
   *
   * @param next - the result of {@link read}.
   */
  readSkipped(next: number): number | undefined {
    const taken = numberIn(this.#attempt(() => readIfThere(this.#openingPath)) ?? '');
    return taken !== undefined && taken < next ? taken : undefined;
  }

  /** Claims an epoch. Call this before opening the FIFO. */
  take(epoch: number): void {
    this.#attempt(() => {
      replaceFile(this.#openingPath, String(epoch));
      replaceFile(this.path, String(epoch + 1));
    });
  }

  opened(): void {
    try {
      rmSync(this.#openingPath, { force: true });
    } catch {
      // An error here would lose the epoch. A file that remains only causes a warning at the next start.
    }
  }

  giveBack(epoch: number): void {
    this.#attempt(() => replaceFile(this.path, String(epoch)));
    this.opened();
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      const { code: errno, message } = cause as NodeJS.ErrnoException;
      throw new ChannelError(`Cannot store the epoch in ${this.path}: ${message}. ${remedyOf(errno)}`, {
        code: 'ERR_CHANNEL_STATE',
        path: this.path,
        errno,
        cause,
      });
    }
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function remedyOf(errno: string | undefined): string {
  if (errno !== undefined && FULL.has(errno))
    return 'Free some space on the disk of this file, or set stateDir to a folder on a different disk.';
  return 'Make the file and its folder readable and writable, or set stateDir to a writable folder.';
}

function numberIn(text: string): number | undefined {
  return /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
