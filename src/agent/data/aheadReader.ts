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

  /** Yields the bytes of the next object. If the caller stops before its end, the rest is skipped. */
  async *chunksOf({ object: { byteLength } }: StoredContent): Chunks {
    let taken = 0;
    try {
      while (taken < byteLength) {
        this.#fill();
        const { byteLength: length, content } = this.#take() as Requested;
        taken += length;
        yield await content;
      }
    } finally {
      while (taken < byteLength) taken += this.#skip();
    }
  }

  close(): void {
    this.#requests.close();
  }

  #take(): Requested | undefined {
    const requested = this.#requested.shift();
    this.#requestedBytes -= requested?.byteLength ?? 0;
    return requested;
  }

  /** Drops the next range, or does not request it. Returns its length. */
  #skip(): number {
    const requested = this.#take();
    if (requested) return requested.byteLength;
    const { start, end } = (this.#next ?? this.#ranges.next().value) as Range;
    this.#next = undefined;
    return end - start;
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
