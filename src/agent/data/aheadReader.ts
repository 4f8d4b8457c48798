import { Queue } from '../../base/queue.js';
import type { StoredContent } from './channelObject.js';
import { openRequests, type OpenRequests } from './openRequests.js';
import { rangesOf, readUnchanged, type Range } from './ranges.js';

/**
 * The maximum number of ranges that are requested or ready. Small objects need many ranges, because each takes a round
 * trip.
 */
const MAX_RANGES = 16;

/** The maximum number of bytes of these ranges. */
const MAX_BYTES = 32 * 1024 * 1024;

type Chunks = AsyncGenerator<Uint8Array, void, undefined>;

interface Requested {
  readonly byteLength: number;
  readonly content: Promise<Uint8Array>;
}

/**
 * Reads objects of stores in a known order. Requests up to 16 ranges or 32 MiB ahead, also of the next objects.
 * Requests a range only when a chunk is requested, so a slow reader delays the requests.
 */
export class AheadReader {
  readonly #ranges: Iterator<Range, void>;
  readonly #requests: OpenRequests;
  readonly #requested = new Queue<Requested>();
  #requestedBytes = 0;
  #next: Range | undefined;

  /** @param signal - ends all requests, which then reject with its reason. */
  constructor(contents: Iterable<StoredContent>, signal?: AbortSignal) {
    this.#ranges = rangesOf(contents);
    this.#requests = openRequests(signal);
  }

  /** Yields the bytes of the next object, which must be read to its end. */
  async *chunksOf({ object: { byteLength } }: StoredContent): Chunks {
    for (let read = 0; read < byteLength;) {
      const chunk = await this.#take();
      read += chunk.byteLength;
      yield chunk;
    }
  }

  close(): void {
    this.#requests.close();
  }

  async #take(): Promise<Uint8Array> {
    this.#fill();
    const { byteLength, content } = this.#requested.shift() as Requested;
    this.#requestedBytes -= byteLength;
    return content;
  }

  #fill(): void {
    for (;;) {
      this.#next ??= this.#ranges.next().value ?? undefined;
      if (!this.#next) return;
      const byteLength = this.#next.end - this.#next.start;
      const isFull = this.#requested.length >= MAX_RANGES || this.#requestedBytes + byteLength > MAX_BYTES;
      if (isFull && this.#requested.length > 0) return;
      const content = readUnchanged(this.#next, this.#requests.signal);
      // The error is thrown in the turn of this range.
      content.catch(() => undefined);
      this.#requested.push({ byteLength, content });
      this.#requestedBytes += byteLength;
      this.#next = undefined;
    }
  }
}
