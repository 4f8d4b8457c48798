import { IncorrectResponse } from './requestErrors.js';
import { bodyLength, parseHead, type ResponseHead } from './responseHead.js';

/** The maximum size of the head, and of the text of an error. */
export const SCRATCH_BYTES = 64 * 1024;

/** The end of a chunked body. Its last chunk may be the only chunk. */
const LAST_CHUNK = /(^|\r\n)0\r\n\r\n$/;

/**
 * Returns memory of the size of the body. If it returns `undefined`, only the first bytes of the body are kept, for an
 * error message.
 */
export type AcceptHead = (head: ResponseHead) => Uint8Array | undefined;

/** Reads the body of one response directly into given memory. Copies only bytes that arrive together with the head. */
export class ResponseReader {
  readonly #accept: AcceptHead;
  readonly #scratch: Buffer;
  #used = 0;
  #body: Uint8Array | undefined;
  head: ResponseHead | undefined;
  /** The number of received bytes of the body. */
  received = 0;

  /** @param scratch - memory of `SCRATCH_BYTES`, for the head and for a rejected body. */
  constructor(scratch: Buffer, accept: AcceptHead) {
    this.#scratch = scratch;
    this.#accept = accept;
  }

  /** The memory for the next read. Never empty, even if no more bytes are expected. */
  get space(): Uint8Array {
    if (this.#body && this.received < this.#body.length) return this.#body.subarray(this.received);
    return this.#scratch.subarray(this.#used < SCRATCH_BYTES ? this.#used : 0);
  }

  /** True if the head is complete, and the body is read into memory of the caller. */
  get hasBody(): boolean {
    return this.#body !== undefined;
  }

  /** True if the next bytes belong to the next response. */
  get isComplete(): boolean {
    if (!this.head) return false;
    if (this.#body) return this.received === this.#body.length;
    return (bodyLength(this.head) ?? Infinity) <= this.#used || (isChunked(this.head) && this.#hasLastChunk());
  }

  get text(): string {
    return this.head && !this.#body ? this.#scratch.toString('latin1', 0, this.#used) : '';
  }

  /**
   * Call this after each read into `space`. Returns true if no more bytes are needed.
   *
   * @throws IncorrectResponse if the bytes are not an HTTP response. Also throws the errors of `accept`.
   */
  take(byteCount: number): boolean {
    if (this.#body) this.received += byteCount;
    else this.#used += byteCount;
    while (!this.head) {
      const head = parseHead(this.#scratch.subarray(0, this.#used));
      if (!head && this.#used === SCRATCH_BYTES)
        throw new IncorrectResponse(`the response head exceeds ${SCRATCH_BYTES} bytes`);
      if (!head) return false;
      this.#scratch.copyWithin(0, head.byteLength, this.#used);
      this.#used -= head.byteLength;
      // Interim responses, such as 103, precede the final response.
      if (head.status >= 200) this.#begin(head);
    }
    // If a rejected body is long or its size is unknown, only the first bytes are read.
    return this.isComplete || (!this.#body && this.#used === SCRATCH_BYTES);
  }

  #begin(head: ResponseHead): void {
    this.head = head;
    this.#body = this.#accept(head);
    if (!this.#body) return;
    if (this.#used > this.#body.length)
      throw new IncorrectResponse('the server sent more bytes than the response head announced');
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
