import { connect, isIP, type Socket } from 'node:net';
import { stalled, unfinished, type Connector } from './requestErrors.js';
import type { ResponseHead } from './responseHead.js';
import { ResponseReader, SCRATCH_BYTES, type AcceptHead } from './responseReader.js';

const KEEP_ALIVE_MS = 4_000;

export interface Origin {
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
}

export interface ConnectionOptions {
  /**
   * The maximum time to wait for the next byte. Also the maximum time from the first byte to the end of the head, or of
   * an error response.
   */
  readonly idleTimeoutMs: number;
  readonly ca?: string | undefined;
}

export interface Exchange {
  /** The head of the request. A GET has no body. */
  readonly requestHead: string;
  /** If this function throws, the exchange ends. */
  readonly accept: AcceptHead;
  readonly signal?: AbortSignal | undefined;
}

export interface Outcome {
  readonly head: ResponseHead | undefined;
  /** The number of bytes that were written to memory. */
  readonly received: number;
  /** The first bytes of a body that is not kept in memory, such as the body of an error. */
  readonly text: string;
  /** The error that ended the exchange before the end of its body. */
  readonly failure: unknown;
  /** The part that opens the connection. Default: `store`. */
  readonly connector?: Connector;
}

/**
 * A keep-alive connection that reads bodies directly into given memory.
 *
 * With several connections, the HTTP client of Node.js reads only 9 KiB at a time. Such reads take four times as much
 * CPU time for each byte as reads of 64 KiB.
 */
export class Connection {
  readonly #idleTimeoutMs: number;
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  readonly #socket: Socket;
  #reader: ResponseReader | undefined;
  /** The time of the first byte of the response. */
  #readSince: number | undefined;
  #end: (failure: unknown) => void = () => undefined;

  constructor({ isSecure, host, port }: Origin, { idleTimeoutMs, ca }: ConnectionOptions) {
    this.#idleTimeoutMs = idleTimeoutMs;
    const onread = { buffer: () => this.#reader?.space ?? this.#scratch, callback: this.#read };
    const to = { host, port, onread };
    // `servername` must not be an IP address. The type of TLS sockets lacks `onread`.
    const secure = { ...to, servername: isIP(host) === 0 ? host : '', ...(ca !== undefined && { ca }) };
    this.#socket = isSecure ? process.getBuiltinModule('node:tls').connect(secure) : connect(to);
    this.#socket.setNoDelay();
    let failure: unknown;
    this.#socket.on('timeout', () => this.#socket.destroy(this.#reader && stalled(idleTimeoutMs)));
    this.#socket.on('error', (error) => (failure ??= error));
    this.#socket.on('close', () => this.#end(failure ?? cutOff()));
  }

  /** True if the connection can send a request. */
  get isOpen(): boolean {
    return !this.#socket.destroyed && !this.#reader;
  }

  /** Sends a request and reads the response. Never rejects. Call `send` again only after the promise has resolved. */
  send({ requestHead, accept, signal }: Exchange): Promise<Outcome> {
    const reader = new ResponseReader(this.#scratch, accept);
    this.#reader = reader;
    this.#readSince = undefined;
    return new Promise((resolve) => {
      const abort = (): void => this.#end(signal?.reason);
      this.#end = (failure) => {
        this.#end = () => undefined;
        this.#reader = undefined;
        signal?.removeEventListener('abort', abort);
        const { head, received, text } = reader;
        // A connection with unread bytes is closed, because the next response would seem to begin with these bytes.
        const canStay = failure === undefined && reader.isComplete && !isLast(head);
        if (canStay) this.#rest();
        else this.#socket.destroy();
        resolve({ head, received, text, failure });
      };
      if (signal?.aborted) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort);
      this.#socket.setTimeout(this.#idleTimeoutMs);
      this.#socket.ref();
      this.#socket.write(requestHead, 'latin1');
    });
  }

  readonly #read = (byteCount: number): boolean => {
    try {
      this.#readSince ??= performance.now();
      if (!this.#reader) this.#socket.destroy();
      else if (this.#reader.take(byteCount)) this.#end(undefined);
      // Each byte restarts the timeout of the socket.
      else if (!this.#reader.hasBody && performance.now() - this.#readSince > this.#idleTimeoutMs)
        this.#end(unfinished(this.#idleTimeoutMs));
    } catch (error) {
      this.#end(error);
    }
    return true;
  };

  #rest(): void {
    this.#socket.setTimeout(KEEP_ALIVE_MS);
    this.#socket.unref();
  }
}

function isLast(head: ResponseHead | undefined): boolean {
  return head?.headers.get('connection')?.toLowerCase() === 'close';
}

function cutOff(): Error {
  return Object.assign(new Error('the server closed the connection'), { code: 'ECONNRESET' });
}
