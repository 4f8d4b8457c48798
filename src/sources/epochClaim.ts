import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { nodeCrypto } from '../base/nodeCrypto.js';
import { DIAGNOSTICS } from '../base/diagnostics.js';
import { ChannelError } from '../base/errors.js';
import { reserveInput } from '../base/threadGroups.js';
import { warn } from '../base/warn.js';
import { fifoName } from '../sagemaker/channelName.js';
import type { Directories } from '../sagemaker/directories.js';
import { EpochState } from '../sagemaker/epochState.js';
import { tryLock } from '../sagemaker/tryLock.js';
import { isFifoThere, openFifo } from './fifo/openFifo.js';

export interface ClaimOptions {
  readonly channel: string;
  readonly directories: Directories;
  readonly upTo?: number | undefined;
  /** Called asynchronously, after `tryOpen` has returned, if the system cannot make the lock. */
  readonly onError: (error: unknown) => void;
}

/**
 * Claims the next epoch of a channel. Under a lock, checks that the epoch's FIFO exists, writes the state, and opens
 * the FIFO. If the FIFO cannot be opened, restores the old state. If the process is killed between writing and opening,
 * the epoch is lost, and the next reader warns.
 */
export class EpochClaim {
  readonly #options: ClaimOptions;
  readonly #state: EpochState;
  #reportedSkipped: number | undefined;
  #isLockedOut = false;
  path: string;

  constructor(options: ClaimOptions) {
    this.#options = options;
    const { channel, directories } = options;
    this.#state = new EpochState(directories.stateDir, channel);
    reserveInput(`the channel ${channel}`, () => this.#lockName());
    this.path = join(directories.pipeDir, fifoName(channel, this.#state.read()));
  }

  /**
   * @returns the descriptor, or `undefined` if the FIFO does not exist yet or another process has the lock.
   * @throws ChannelError if the state or the FIFO cannot be used.
   */
  tryOpen(): number | undefined {
    const { onError } = this.#options;
    const attempt = tryLock({
      name: this.#lockName(),
      work: () => ({ fd: this.#openNext() }),
      onError: (cause) => {
        onError(this.#lockError(cause));
      },
    });
    this.#isLockedOut = attempt === undefined;
    return attempt?.fd;
  }

  obstacle(): string | undefined {
    if (!this.#isLockedOut) return undefined;
    const { channel, directories } = this.#options;
    return (
      `Another process holds the lock on the epochs of channel ${channel} in ${directories.stateDir}. A process ` +
      'needs this lock only for milliseconds, so that process may be suspended: continue or end it.'
    );
  }

  #openNext(): number | undefined {
    const { channel, directories } = this.#options;
    const epoch = this.#state.read();
    this.path = join(directories.pipeDir, fifoName(channel, epoch));
    if (epoch > (this.#options.upTo ?? epoch)) throw this.#alreadyRead(epoch);
    if (!isFifoThere(this.path)) return undefined;
    const skipped = this.#state.readSkipped(epoch);
    if (skipped !== undefined && skipped !== this.#reportedSkipped) {
      this.#reportSkipped(skipped);
      // The warning is emitted on the next tick. Until then, the file with the skipped epoch must stay, because this
      // process may be killed.
      return undefined;
    }
    this.#state.take(epoch);
    return this.#openTaken(epoch);
  }

  #openTaken(epoch: number): number | undefined {
    let fd: number | undefined;
    try {
      fd = openFifo(this.path);
      if (fd !== undefined && DIAGNOSTICS.epoch.hasSubscribers) {
        DIAGNOSTICS.epoch.publish({ channel: this.#options.channel, epoch, path: this.path });
      }
      return fd;
    } finally {
      if (fd === undefined) this.#state.giveBack(epoch);
      else this.#state.opened();
    }
  }

  #alreadyRead(next: number): ChannelError {
    const { channel, upTo } = this.#options;
    return new ChannelError(
      `Epoch ${upTo} of channel ${channel} has already been read in this container: according to ${this.#state.path}, epoch ` +
        `${next} is next. The epoch cannot be read again, because the data of a FIFO can be read only once. With a ` +
        'ShuffleConfig, each later epoch has a different order, so a later epoch cannot replace this one. To ' +
        'resume from an earlier cursor, start a new container: its FIFOs begin at epoch 0.',
      { code: 'ERR_CHANNEL_STATE', path: this.path },
    );
  }

  #reportSkipped(epoch: number): void {
    this.#reportedSkipped = epoch;
    warn(
      'MILLRACE_SKIPPED_EPOCH',
      `Epoch ${epoch} of channel ${this.#options.channel} was reserved by a process that ended before it read the ` +
        'data. This epoch is skipped. If you need every epoch, restart the job.',
    );
  }

  /**
   * A hash, because socket names are limited to 107 bytes. It includes the folder's identity, because a folder may have
   * several paths.
   */
  #lockName(): string {
    const { channel, directories } = this.#options;
    try {
      mkdirSync(directories.stateDir, { recursive: true });
      const { dev, ino } = statSync(directories.stateDir);
      return `millrace:${nodeCrypto().createHash('sha256').update(`${dev}:${ino}:${channel}`).digest('hex')}`;
    } catch (cause) {
      throw this.#lockError(cause as NodeJS.ErrnoException);
    }
  }

  #lockError(cause: NodeJS.ErrnoException): ChannelError {
    return new ChannelError(
      `Cannot lock the epochs of channel ${this.#options.channel} in ${this.#options.directories.stateDir}: ${cause.message}. ` +
        'Make that folder writable, or set stateDir to a writable folder.',
      { code: 'ERR_CHANNEL_STATE', path: this.#state.path, errno: cause.code, cause },
    );
  }
}
