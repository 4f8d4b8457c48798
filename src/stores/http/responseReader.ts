import { bodyLength, parseHead, type ResponseHead } from './responseHead.js';

/** Nothing that a server sends before its answer is longer, and no error that is worth reading. */
export const SCRATCH_BYTES = 64 * 1024;

/** The end of a body in chunks, which may have no chunk before the last. */
const LAST_CHUNK = /(^|\r\n)0\r\n\r\n$/;

/**
 * Receives the head of a response. Returns the memory for the body, of its size; or `undefined` if the body is not
 * wanted. Then its first bytes are kept as text, for errors.
 */
export type AcceptHead = (head: ResponseHead) => Uint8Array | undefined;

/** Reads one response. The body goes straight into given memory, save for the bytes that come with the head. */
export class ResponseReader {
  readonly #accept: AcceptHead;
  readonly #scratch: Buffer;
  /** The used part of the scratch memory. */
  #used = 0;
  #body: Uint8Array | undefined;
  head: ResponseHead | undefined;
  /** The bytes that were written to the memory of the body. */
  received = 0;

  /** @param scratch - memory of `SCRATCH_BYTES`, for the head and for a body that is not wanted. */
  constructor(scratch: Buffer, accept: AcceptHead) {
    this.#scratch = scratch;
    this.#accept = accept;
  }

  /** The memory for the next read. It is never empty, also if no more bytes are expected. */
  get space(): Uint8Array {
    if (this.#body && this.received < this.#body.length) return this.#body.subarray(this.received);
    return this.#scratch.subarray(this.#used < SCRATCH_BYTES ? this.#used : 0);
  }

  /** Whether the body was read to its end, so that the next bytes belong to another response. */
  get isWhole(): boolean {
    if (!this.head) return false;
    if (this.#body) return this.received === this.#body.length;
    return (bodyLength(this.head) ?? Infinity) <= this.#used || (isChunked(this.head) && this.#hasLastChunk());
  }

  /** The beginning of a body that was not wanted. */
  get text(): string {
    return this.head && !this.#body ? this.#scratch.toString('latin1', 0, this.#used) : '';
  }

  /**
   * Takes the bytes that were read into `space`. Returns whether no more are wanted.
   *
   * @throws Error if the bytes are not an HTTP response. An exception of `accept` is passed on.
   */
  take(byteCount: number): boolean {
    if (this.#body) this.received += byteCount;
    else this.#used += byteCount;
    while (!this.head) {
      const head = parseHead(this.#scratch.subarray(0, this.#used));
      if (!head && this.#used === SCRATCH_BYTES) throw new Error(`the response head exceeds ${SCRATCH_BYTES} bytes`);
      if (!head) return false;
      this.#scratch.copyWithin(0, head.byteLength, this.#used);
      this.#used -= head.byteLength;
      // Interim responses, such as 103, come before the final one.
      if (head.status >= 200) this.#begin(head);
    }
    // Enough of a body that is not wanted, if its size is large or not known.
    return this.isWhole || (!this.#body && this.#used === SCRATCH_BYTES);
  }

  #begin(head: ResponseHead): void {
    this.head = head;
    this.#body = this.#accept(head);
    if (!this.#body) return;
    if (this.#used > this.#body.length) throw new Error('the server sent more bytes than the response head announced');
    this.#body.set(this.#scratch.subarray(0, this.#used));
    this.received = this.#used;
  }

  #hasLastChunk(): boolean {
    return LAST_CHUNK.test(this.#scratch.toString('latin1', Math.max(0, this.#used - 7), this.#used));
  }
}

function isChunked({ headers }: ResponseHead): boolean {
  return headers.get('transfer-encoding')?.toLowerCase() === 'chunked';
}
