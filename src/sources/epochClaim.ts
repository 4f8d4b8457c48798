import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ChannelError } from '../core/errors.js';
import { warn } from '../core/warn.js';
import { fifoName } from '../sagemaker/channelName.js';
import type { Directories } from '../sagemaker/directories.js';
import { EpochState } from '../sagemaker/epochState.js';
import { tryLock } from '../sagemaker/tryLock.js';
import { isFifoThere, openFifo } from './openFifo.js';

/** Whose epochs are claimed. */
export interface ClaimOptions {
  readonly channel: string;
  readonly directories: Directories;
  /** The epoch that is wanted; a later one is an error, since it has gone by. Default: whichever is next. */
  readonly upTo?: number | undefined;
  /** Called later when the system refuses locks altogether. */
  readonly onError: (error: unknown) => void;
}

/**
 * The next epoch of a channel, for one reader.
 *
 * Each epoch goes to one process, at most once: under a lock the epoch is looked up, its FIFO is looked at, the state
 * is written, and only then is the FIFO opened. A process that is killed between the last two has lost that epoch; the
 * next to claim one says so in a warning. An epoch whose FIFO is not there is never taken.
 */
export class EpochClaim {
  readonly #options: ClaimOptions;
  readonly #state: EpochState;
  /** Where the epoch that was last asked for is, or will be. */
  path: string;

  constructor(options: ClaimOptions) {
    this.#options = options;
    const { channel, directories } = options;
    this.#state = new EpochState(directories.stateDir, channel);
    this.path = join(directories.pipeDir, fifoName(channel, this.#state.read()));
  }

  /**
   * Takes and opens the next epoch.
   *
   * @returns its descriptor, or `undefined` while its FIFO is not there or another process is at it: try again later.
   * @throws ChannelError when the state or the FIFO cannot be used.
   */
  tryOpen(): number | undefined {
    const { onError } = this.#options;
    return tryLock({
      name: this.#lockName(),
      work: () => this.#openNext(),
      onError: (cause) => {
        onError(this.#lockError(cause));
      },
    });
  }

  #openNext(): number | undefined {
    const { channel, directories } = this.#options;
    const epoch = this.#state.read();
    this.path = join(directories.pipeDir, fifoName(channel, epoch));
    if (epoch > (this.#options.upTo ?? epoch)) throw this.#goneBy(epoch);
    if (!isFifoThere(this.path)) return undefined;
    this.#warnOfSkipped(channel);
    this.#state.take(epoch);
    const fd = openFifo(this.path);
    this.#state.opened();
    return fd;
  }

  #goneBy(next: number): ChannelError {
    const { channel, upTo } = this.#options;
    return new ChannelError(
      `Epoch ${upTo} of channel ${channel} is to be read, and here it has gone by: ${this.#state.path} says that epoch ` +
        `${next} is next. A FIFO is read once, and with a ShuffleConfig no other epoch has the same order. Resume in a new ` +
        'container, whose FIFOs begin at 0, from a cursor that was saved before.',
      { code: 'ERR_CHANNEL_STATE', path: this.path },
    );
  }

  #warnOfSkipped(channel: string): void {
    const skipped = this.#state.readSkipped();
    if (skipped === undefined) return;
    warn(
      'MILLRACE_SKIPPED_EPOCH',
      `Epoch ${skipped} of channel ${channel} was taken by a process that ended before it had opened it: nobody reads that epoch.`,
    );
  }

  /** The state folder itself, not one of its names, is what processes share. Hashed, for a socket's name is short. */
  #lockName(): string {
    const { channel, directories } = this.#options;
    try {
      mkdirSync(directories.stateDir, { recursive: true });
      const { dev, ino } = statSync(directories.stateDir);
      return `millrace:${createHash('sha256').update(`${dev}:${ino}:${channel}`).digest('hex')}`;
    } catch (cause) {
      throw this.#lockError(cause as NodeJS.ErrnoException);
    }
  }

  #lockError(cause: NodeJS.ErrnoException): ChannelError {
    return new ChannelError(
      `Cannot lock the epochs of channel ${this.#options.channel} in ${this.#options.directories.stateDir}: ${cause.message}. ` +
        'Make that folder writable, or set stateDir to one that is.',
      { code: 'ERR_CHANNEL_STATE', path: this.#state.path, errno: cause.code, cause },
    );
  }
}
