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

/** An epoch that was opened by a reader and is closed again. */
export interface ServedEpoch extends WrittenBytes {
  /** The host that it was for: `algo-1` in a job of one. */
  readonly host: string;
  readonly channel: string;
  readonly epoch: number;
  /** The kinds of the faults that it was served with; not there when there were none. */
  readonly faults?: readonly PipeFault['kind'][];
}

/** One channel of one host: its name, the bytes of an epoch, made anew for each, and the faults that strike it. */
export interface ServedChannel {
  readonly host: string;
  readonly name: string;
  readonly epochBytes: (epoch: number) => AsyncIterable<Uint8Array>;
  readonly faultsOf: (epoch: number) => EpochFaults;
}

/** What serving a channel needs from the agent. */
export interface EpochOptions {
  readonly pipeDir: string;
  /** Aborted when the agent closes. */
  readonly signal: AbortSignal;
  readonly onEpoch: (served: ServedEpoch) => void;
  /** Told of a failure at once. The epoch's FIFO stays open then until the agent closes. */
  readonly onError: (error: Error) => void;
  /** Keeps what runs on, so that closing can wait for it. */
  readonly track: (work: Promise<void>) => void;
}

/**
 * A reader may open an epoch and be gone before that can be noticed, or be killed before it opens the one that it has
 * taken, and the next reader will look for the epoch after it. So besides the FIFO that is awaited its successors are
 * there too: enough of them for readers that are killed time after time.
 */
const FIFOS_AHEAD = 8;

/** How often the FIFO that is awaited is looked at; the further one is from it, the less often. */
const POLL_MS = 5;

/**
 * Makes a channel's first FIFOs, and from then on serves each epoch once: to the reader that opens its FIFO, which is
 * removed afterwards. As soon as an epoch is opened, further FIFOs are made.
 *
 * A reader that leaves early ends its epoch, no more.
 *
 * @returns once the first FIFOs are there. What follows is handed to `track`.
 */
export async function offerEpochs(channel: ServedChannel, options: EpochOptions): Promise<void> {
  const { pipeDir, signal, onEpoch, track } = options;
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
      track(offerBefore(epoch + 1 + FIFOS_AHEAD));
      const bytes = faultyBytes(channel.epochBytes(epoch), ofBytes, signal);
      const chunks = heldOpenOnFailure(bytes, { ...options, what: fifoName(channel.name, epoch) });
      written = await writeToReader(fd, chunks, signal);
    } finally {
      await rm(path, { force: true });
    }
    const faults = [...(ofFifo ? [ofFifo] : []), ...ofBytes].map(({ kind }) => kind);
    onEpoch({ host: channel.host, channel: channel.name, epoch, ...written, ...(faults.length > 0 && { faults }) });
  }

  await offerBefore(FIFOS_AHEAD);
}

/**
 * Passes chunks on. When they fail it tells, and goes silent until the agent closes: to close the FIFO would look to
 * the reader like the proper end of the epoch, and data would be lost without a word.
 */
async function* heldOpenOnFailure(
  chunks: AsyncIterable<Uint8Array>,
  { signal, onError, what }: Pick<EpochOptions, 'signal' | 'onError'> & { readonly what: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks;
  } catch (cause) {
    onError(new MillraceError(`Cannot serve ${what}: ${String(cause)}`, { code: 'ERR_AGENT', cause }));
    if (!signal.aborted) await once(signal, 'abort');
    throw cause;
  }
}
