import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChannelError } from '../base/errors.js';

/**
 * The next epoch of a channel, as it is kept between processes: a decimal number in the file that Amazon's own
 * `PipeModeDataset` uses, with the same meaning.
 *
 * | file in the state folder | content |
 * |---|---|
 * | `.<channel>-pipe_mode-state` | the epoch that is read next |
 * | `.<channel>-pipe_mode-opening` | the epoch that is being opened; only there while it is |
 *
 * Each is written beside its place and then put there, so whoever is killed, or finds the disk full, leaves the old
 * content or the new one, never half of it. Nothing is flushed to the disk: what a killed process has written is not
 * lost, and a machine that goes down takes the FIFOs with it.
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

  /** The epoch to read next: 0 where there is no file yet. Throws a ChannelError where it holds no number. */
  read(): number {
    const text = this.#attempt(() => readIfThere(this.path));
    if (text === undefined) return 0;
    const epoch = numberIn(text);
    if (epoch !== undefined) return epoch;
    throw new ChannelError(
      `${this.path} should hold the number of the next epoch and ${text === '' ? 'is empty' : `holds ${JSON.stringify(text.slice(0, 40))}`}. ` +
        'Write the right number there, or remove the file to begin with epoch 0.',
      { code: 'ERR_CHANNEL_STATE', path: this.path },
    );
  }

  /**
   * The epoch that a process took and never read, since it ended between the two.
   *
   * @param next - what {@link read} gives: a process that ended before it had taken its epoch skipped none.
   */
  readSkipped(next: number): number | undefined {
    const taken = numberIn(this.#attempt(() => readIfThere(this.#openingPath)) ?? '');
    return taken !== undefined && taken < next ? taken : undefined;
  }

  /** Takes an epoch: from now on nobody else reads it, and this process is about to open it. */
  take(epoch: number): void {
    this.#attempt(() => {
      replaceFile(this.#openingPath, String(epoch));
      replaceFile(this.path, String(epoch + 1));
    });
  }

  /** The epoch that was taken has been opened. */
  opened(): void {
    try {
      rmSync(this.#openingPath, { force: true });
    } catch {
      // To fail would lose the epoch. What stays behind costs no more than a warning of it at the next start.
    }
  }

  /** The epoch that was taken could not be opened: nobody has read a byte of it, so it is to be read next after all. */
  giveBack(epoch: number): void {
    this.#attempt(() => replaceFile(this.path, String(epoch)));
    this.opened();
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      const { code: errno, message } = cause as NodeJS.ErrnoException;
      throw new ChannelError(`Cannot keep the epoch in ${this.path}: ${message}. ${remedyOf(errno)}`, {
        code: 'ERR_CHANNEL_STATE',
        path: this.path,
        errno,
        cause,
      });
    }
  }
}

/** What the system says where a file cannot grow: the disk, the user's share of it, or a file itself is full. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function remedyOf(errno: string | undefined): string {
  if (errno !== undefined && FULL.has(errno))
    return 'Free some space there, or set stateDir to a folder that has some.';
  return 'Make that file and its folder readable and writable, or set stateDir to a folder that is.';
}

function replaceFile(path: string, content: string): void {
  const temporary = `${path}.new`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
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
