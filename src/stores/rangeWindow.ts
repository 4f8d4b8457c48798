import { concurrencyOf, type Concurrency } from '../base/autoConcurrency.js';
import { keepFreedMemory } from '../base/keepFreedMemory.js';
import { Queue } from '../base/queue.js';
import { ReusedMemory } from '../base/reusedMemory.js';
import { isSizedRangeObject, type StoredIn } from './storedIn.js';

/** The default size of a chunk, as in `fromFile`. */
const PIECE_BYTES = 1024 * 1024;

/**
 * With `auto`, the total size of all ranges is at most that of 16 full ranges. If the ranges are smaller, there may be
 * more than 16.
 */
const AUTOMATIC_RANGES = 16;
const AUTOMATIC = { start: 4, max: 64 };

export interface RangeWindowOptions {
  readonly rangeBytes: number;
  readonly concurrency: number | 'auto';
  /**
   * The maximum total size of the ranges that are requested or ready, in bytes. A single range may be larger. Default:
   * 16 × `rangeBytes` if `concurrency` is `auto`, otherwise no limit.
   */
  readonly maxBytes?: number;
  /** The maximum size of a chunk in bytes. A smaller range is one chunk. Default: 1 MiB. */
  readonly pieceBytes?: number;
}

export interface ObjectReading {
  /**
   * Resolves with fresh memory, or with `undefined` at the end. Call `next` again only after the promise has resolved.
   */
  readonly next: () => Promise<Uint8Array | undefined>;
  readonly close: () => void;
}

/** Starts to read an object. Called at each subscription. */
export type OpenRanges = () => ObjectReading;

interface Position {
  readonly index: number;
  readonly offset: number;
}

interface RequestedRange extends Position {
  readonly end: number;
  readonly bytes: Promise<Uint8Array>;
  readonly memory: Uint8Array | undefined;
  readonly controller: AbortController;
  /** The number of bytes that `next` has returned. */
  used: number;
}

/**
 * Requests several ranges at the same time, and returns their bytes in order. Also requests ranges of the next objects,
 * so that small objects do not wait for each other. Sends requests only in calls of `next`.
 */
export class RangeWindow {
  readonly #objects: readonly (StoredIn | undefined)[];
  readonly #options: Required<Omit<RangeWindowOptions, 'concurrency'>>;
  readonly #requests: Concurrency;
  readonly #ranges = new Queue<RequestedRange>();
  readonly #memory = new ReusedMemory();
  readonly #signal: AbortSignal | undefined;
  readonly #abort = (): void => this.#drop(() => true, this.#signal?.reason);
  #bytes = 0;
  #next: Position = { index: 0, offset: 0 };

  /**
   * @param objects - the objects in the order of reading. If an object is `undefined` or has no ranges, no later object
   *   is requested ahead.
   * @param options - the limits.
   * @param signal - when aborted, all requests end, and `next` rejects with the signal's reason.
   */
  constructor(objects: readonly (StoredIn | undefined)[], options: RangeWindowOptions, signal?: AbortSignal) {
    this.#objects = objects;
    const { concurrency, rangeBytes } = options;
    this.#requests = concurrencyOf(concurrency, AUTOMATIC);
    const maxBytes = concurrency === 'auto' ? AUTOMATIC_RANGES * rangeBytes : Infinity;
    this.#options = { maxBytes, pieceBytes: PIECE_BYTES, ...options };
    this.#signal = signal;
    keepFreedMemory();
    signal?.addEventListener('abort', this.#abort);
  }

  /**
   * Reads one object from byte `start` to its end. Only one object is read at a time. The same object may be read
   * again.
   */
  open(index: number, start = 0): ObjectReading {
    const position = { index, offset: start };
    if (this.#isAtEnd(position)) return { next: () => Promise.resolve(undefined), close: () => undefined };
    this.#moveTo(position);
    return {
      next: () => this.#read(index),
      close: () => this.#drop((range) => range.index === index),
    };
  }

  close(): void {
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#drop(() => true);
  }

  async #read(index: number): Promise<Uint8Array | undefined> {
    this.#signal?.throwIfAborted();
    // The memory of a range is in use until its last chunk.
    if (!this.#ranges.peek()?.used) this.#request();
    const range = this.#ranges.peek();
    if (range?.index !== index) return undefined;
    const bytes = await this.#waitFor(range);
    if (bytes.buffer !== range.memory?.buffer) {
      this.#shift(range);
      return bytes;
    }
    const piece = copyOf(bytes.subarray(range.used, range.used + this.#options.pieceBytes));
    range.used += piece.length;
    if (range.used === bytes.length && this.#shift(range)) this.#memory.giveBack(bytes);
    return piece;
  }

  async #waitFor({ bytes }: RequestedRange): Promise<Uint8Array> {
    const requests = this.#requests;
    requests.setWaiting(this.#ranges.length >= requests.limit);
    try {
      return await bytes;
    } finally {
      requests.setWaiting(false);
    }
  }

  #moveTo(target: Position): void {
    const { index, offset } = this.#ranges.peek() ?? this.#skipEnds();
    if (index === target.index && offset === target.offset) return;
    this.#drop(() => true);
    this.#next = target;
  }

  #request(): void {
    const { rangeBytes, maxBytes, pieceBytes } = this.#options;
    while (this.#ranges.length < this.#requests.limit) {
      const { index, offset } = this.#skipEnds();
      const stored = this.#objects[index];
      if (!stored || !isSizedRangeObject(stored.object)) return;
      const end = Math.min(offset + rangeBytes, stored.object.byteLength);
      const size = end - offset;
      if (this.#ranges.length > 0 && this.#bytes + size > maxBytes) return;
      const controller = new AbortController();
      const memory = size > pieceBytes ? this.#memory.take(size) : undefined;
      const bytes = stored.store.read(stored.object, offset, end, { signal: controller.signal, into: memory });
      // `next` rejects with the error later, in order.
      bytes.catch(() => undefined);
      this.#ranges.push({ index, offset, end, bytes, memory, controller, used: 0 });
      this.#bytes += size;
      this.#next = { index, offset: end };
    }
  }

  /** Removes a range from the queue. Returns false if `#drop` has already removed it. */
  #shift(range: RequestedRange): boolean {
    if (this.#ranges.peek() !== range) return false;
    this.#ranges.shift();
    this.#requests.countResult();
    this.#bytes -= range.end - range.offset;
    return true;
  }

  /** Ends requests. Does not reuse their memory, because a request may still write into this memory. */
  #drop(isMeant: (range: RequestedRange) => boolean, reason?: unknown): void {
    for (let range = this.#ranges.peek(); range && isMeant(range); range = this.#ranges.peek()) {
      this.#shift(range);
      range.controller.abort(reason);
    }
  }

  #skipEnds(): Position {
    while (this.#isAtEnd(this.#next)) this.#next = { index: this.#next.index + 1, offset: 0 };
    return this.#next;
  }

  #isAtEnd({ index, offset }: Position): boolean {
    const object = this.#objects[index]?.object;
    return object !== undefined && isSizedRangeObject(object) && offset === object.byteLength;
  }
}

export function openRanges(stored: StoredIn, options: RangeWindowOptions, start?: number): OpenRanges {
  return () => new RangeWindow([stored], options).open(0, start);
}

/** Copies bytes. `slice` would first fill the new memory with zeros, and would not copy the bytes of a Buffer. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(Buffer.allocUnsafeSlow(bytes.length).buffer);
  copy.set(bytes);
  return copy;
}
