import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../core/errors.js';
import { fifoName } from '../sagemaker/channelName.js';
import { makeFifos } from './makeFifos.js';
import { openForReader, writeToReader, type WrittenBytes } from './writeToReader.js';

/** An epoch that was opened by a reader and is closed again. */
export interface ServedEpoch extends WrittenBytes {
  /** The host that it was for: `algo-1` in a job of one. */
  readonly host: string;
  readonly channel: string;
  readonly epoch: number;
}

/** One channel of one host: its name and the bytes of an epoch, made anew for each. */
export interface ServedChannel {
  readonly host: string;
  readonly name: string;
  readonly epochBytes: (epoch: number) => AsyncIterable<Uint8Array>;
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

  async function offerBefore(end: number): Promise<void> {
    const epochs: number[] = [];
    while (made < end) epochs.push(made++);
    if (epochs.length === 0) return;
    await makeFifos(epochs.map(pathOf));
    for (const epoch of epochs) track(serve(epoch));
  }

  async function serve(epoch: number): Promise<void> {
    const path = pathOf(epoch);
    let written: WrittenBytes;
    try {
      const fd = await openForReader(path, signal, () => POLL_MS * (1 + Math.abs(epoch - awaited)));
      awaited = Math.max(awaited, epoch + 1);
      track(offerBefore(epoch + 1 + FIFOS_AHEAD));
      const chunks = heldOpenOnFailure(channel.epochBytes(epoch), { ...options, what: fifoName(channel.name, epoch) });
      written = await writeToReader(fd, chunks, signal);
    } finally {
      await rm(path, { force: true });
    }
    onEpoch({ host: channel.host, channel: channel.name, epoch, ...written });
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
