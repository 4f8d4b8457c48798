import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ChannelError } from '../base/errors.js';
import { warn } from '../base/warn.js';
import { fifoName } from '../sagemaker/channelName.js';
import type { Directories } from '../sagemaker/directories.js';
import { EpochState } from '../sagemaker/epochState.js';
import { tryLock } from '../sagemaker/tryLock.js';
import { isFifoThere, openFifo } from './fifo/openFifo.js';

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
 * next to claim one says so in a warning. An epoch whose FIFO is not there is never taken, and one whose FIFO cannot be
 * opened after all is given back.
 */
export class EpochClaim {
  readonly #options: ClaimOptions;
  readonly #state: EpochState;
  #reportedSkipped: number | undefined;
  #isHeldUp = false;
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
    const done = tryLock({
      name: this.#lockName(),
      work: () => ({ fd: this.#openNext() }),
      onError: (cause) => {
        onError(this.#lockError(cause));
      },
    });
    this.#isHeldUp = done === undefined;
    return done?.fd;
  }

  /** What stood in the way of the last attempt, if it was not that the FIFO is not there. */
  obstacle(): string | undefined {
    if (!this.#isHeldUp) return undefined;
    const { channel, directories } = this.#options;
    return (
      `Another process has been holding the epochs of channel ${channel} in ${directories.stateDir}, which takes no longer ` +
      'than opening a FIFO: it has been stopped, or stands at a breakpoint. Let it go on, or end it.'
    );
  }

  #openNext(): number | undefined {
    const { channel, directories } = this.#options;
    const epoch = this.#state.read();
    this.path = join(directories.pipeDir, fifoName(channel, epoch));
    if (epoch > (this.#options.upTo ?? epoch)) throw this.#goneBy(epoch);
    if (!isFifoThere(this.path)) return undefined;
    const skipped = this.#state.readSkipped(epoch);
    if (skipped !== undefined && skipped !== this.#reportedSkipped) {
      this.#reportSkipped(skipped);
      // A warning comes out on the next tick, and taking an epoch forgets the one that was skipped: whoever is killed
      // between the two leaves it to the next to report it.
      return undefined;
    }
    this.#state.take(epoch);
    return this.#openTaken(epoch);
  }

  #openTaken(epoch: number): number | undefined {
    let fd: number | undefined;
    try {
      fd = openFifo(this.path);
      return fd;
    } finally {
      if (fd === undefined) this.#state.giveBack(epoch);
      else this.#state.opened();
    }
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

  #reportSkipped(epoch: number): void {
    this.#reportedSkipped = epoch;
    warn(
      'MILLRACE_SKIPPED_EPOCH',
      `Epoch ${epoch} of channel ${this.#options.channel} was taken by a process that ended before it had read a byte of it: ` +
        'nobody reads that epoch. Nothing needs to be done, unless each epoch counts: then start the job anew.',
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
