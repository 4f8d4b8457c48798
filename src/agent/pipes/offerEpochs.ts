import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../../base/errors.js';
import { fifoName } from '../../sagemaker/channelName.js';
import { faultyBytes } from './faultyBytes.js';
import { makeFaultyFifo, untilServable } from './faultyFifo.js';
import { makeFifos } from './makeFifos.js';
import type { EpochFaults, PipeFault } from '../job/pipeFault.js';
import { openForReader, writeToReader, type WrittenBytes } from './writeToReader.js';

/** An epoch that a reader opened and that has ended. */
export interface ServedEpoch extends WrittenBytes {
  /** The host that read the epoch, for example `algo-1`. */
  readonly host: string;
  readonly channel: string;
  readonly epoch: number;
  /** The kinds of the epoch's faults. */
  readonly faults?: readonly PipeFault['kind'][];
}

/** The epoch whose bytes `watch` receives. */
export type WatchedEpoch = Pick<ServedEpoch, 'host' | 'channel' | 'epoch'>;

export type WatchEpoch = (chunks: AsyncIterable<Uint8Array>, epoch: WatchedEpoch) => AsyncIterable<Uint8Array>;

export interface ServedChannel {
  readonly host: string;
  readonly name: string;
  readonly epochBytes: (epoch: number) => AsyncIterable<Uint8Array>;
  readonly faultsOf: (epoch: number) => EpochFaults;
}

export interface EpochOptions {
  readonly pipeDir: string;
  readonly signal: AbortSignal;
  readonly onEpoch: (served: ServedEpoch) => void;
  readonly onError: (error: Error) => void;
  readonly watch?: WatchEpoch | undefined;
  /** Adds work that the agent's `close` waits for. */
  readonly track: (work: Promise<void>) => void;
}

/**
 * The minimum number of FIFOs after that of the current epoch. A reader may leave an epoch before the agent notices, or
 * be killed between counting the epoch and opening its FIFO. In both cases, the next reader opens a later FIFO.
 */
const FIFOS_AHEAD = 8;

/** FIFOs are made together, because each start of `mkfifo` delays the epoch that is being written. */
const FIFOS_TOGETHER = 8;

/** The interval between attempts to open the next FIFO. Later FIFOs have longer intervals. */
const POLL_MS = 5;

/**
 * Makes a channel's FIFOs. Serves each epoch once, to the reader that opens its FIFO. A reader that leaves early ends
 * only that epoch.
 *
 * @returns when the first FIFOs exist. `track` receives the work that follows.
 */
export async function offerEpochs(channel: ServedChannel, options: EpochOptions): Promise<void> {
  const { pipeDir, signal, onEpoch, track, watch } = options;
  const pathOf = (epoch: number) => join(pipeDir, fifoName(channel.name, epoch));
  let made = 0;
  let awaited = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function offerBefore(end: number): Promise<void> {
    const epochs: number[] = [];
    while (made < end) epochs.push(made++);
    const places = makePlaces(epochs);
    const begun = epochs.map((epoch) => {
      const epochBefore = last;
      const serving = places.then(() => serve(epoch, epochBefore));
      last = serving.catch(() => undefined);
      return serving;
    });
    await places;
    begun.forEach(track);
  }

  async function makePlaces(epochs: readonly number[]): Promise<void> {
    const sound = epochs.filter((epoch) => !channel.faultsOf(epoch).ofFifo);
    if (sound.length > 0) await makeFifos(sound.map(pathOf));
    for (const epoch of epochs) {
      const { ofFifo } = channel.faultsOf(epoch);
      if (ofFifo) await makeFaultyFifo(pathOf(epoch), ofFifo);
    }
  }

  async function serve(epoch: number, epochBefore: Promise<unknown>): Promise<void> {
    const path = pathOf(epoch);
    const { ofBytes, ofFifo } = channel.faultsOf(epoch);
    const open = () => openForReader(path, signal, () => POLL_MS * (1 + Math.abs(epoch - awaited)));
    let written: WrittenBytes;
    try {
      if (ofFifo) await untilServable(ofFifo, { path, epochBefore, openForReader: open, signal });
      const fd = await open();
      awaited = Math.max(awaited, epoch + 1);
      const needed = epoch + 1 + FIFOS_AHEAD;
      if (made < needed) track(offerBefore(needed + FIFOS_TOGETHER - 1));
      const bytes = faultyBytes(channel.epochBytes(epoch), ofBytes, signal);
      const chunks = heldOpenOnFailure(bytes, { ...options, name: fifoName(channel.name, epoch) });
      written = await writeToReader(
        fd,
        watch?.(chunks, { host: channel.host, channel: channel.name, epoch }) ?? chunks,
        signal,
      );
    } finally {
      await rm(path, { force: true });
    }
    const faults = [...(ofFifo ? [ofFifo] : []), ...ofBytes].map(({ kind }) => kind);
    onEpoch({ host: channel.host, channel: channel.name, epoch, ...written, ...(faults.length > 0 && { faults }) });
  }

  await offerBefore(FIFOS_AHEAD);
}

/**
 * After a failure, keeps the FIFO open without data until the agent closes. Otherwise the reader would see the end of
 * an epoch.
 */
async function* heldOpenOnFailure(
  chunks: AsyncIterable<Uint8Array>,
  { signal, onError, name }: Pick<EpochOptions, 'signal' | 'onError'> & { readonly name: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks;
  } catch (cause) {
    // Closing the agent ends the requests to a store.
    if (signal.aborted) return;
    onError(new MillraceError(`Cannot serve ${name}: ${String(cause)}`, { code: 'ERR_AGENT', cause }));
    await once(signal, 'abort');
    throw cause;
  }
}
