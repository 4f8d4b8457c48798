import type { IncomingMessage } from 'node:http';
import { abortReasonOr } from '../../base/abortReasonOr.js';
import { ChannelError, MillraceError } from '../../base/errors.js';
import { objectChanged, shownUrl } from '../objectErrors.js';
import type { StoredObject } from '../store.js';
import {
  contentRange,
  encodingsOf,
  ifMatch,
  requireKnownEncoding,
  requireVersion,
  versionOf,
  type RangeOf,
} from './checkAnswer.js';
import type { Exchange, Outcome } from './connection.js';
import { whereTo, type Connections } from './connections.js';
import { openBody, readBody } from './wholeBody.js';
import { isSuccess, requestUntilDone, type Explanation, type RangeProtocol } from './readRange.js';
import { RedirectFollower } from './redirectFollower.js';
import { bodyLength, type ResponseHead } from './responseHead.js';
import { SCRATCH_BYTES } from './responseReader.js';
import type { RetryPolicy } from './retry.js';
import { statusRemedy } from './statusRemedy.js';

export interface HttpReaderOptions {
  readonly connections: Connections;
  /** These headers are sent only to the origin of the object's URL. */
  readonly headers: Readonly<Record<string, string>>;
  readonly retry: RetryPolicy;
  readonly idleTimeoutMs: number;
  readonly ca: string | undefined;
}

export class HttpReader implements RangeProtocol {
  readonly retry: RetryPolicy;
  readonly #options: HttpReaderOptions;
  readonly #follower = new RedirectFollower();
  /** The encodings of each listed object, from the response for its first byte. */
  readonly #encodings = new WeakMap<StoredObject, string>();

  constructor(options: HttpReaderOptions) {
    this.#options = options;
    this.retry = options.retry;
  }

  readonly send = ({ object, start, end }: RangeOf, exchange: Omit<Exchange, 'requestHead'>): Promise<Outcome> =>
    this.#follower.follow(object, (url) => {
      const range = { range: `bytes=${start}-${end - 1}`, ...ifMatch(object) };
      const headers = { host: url.host, ...this.#headersFor(url, object), ...range };
      const accept = (head: ResponseHead): Uint8Array | undefined => {
        if (isSuccess(head)) this.#requireSameEncoding(head, object);
        return exchange.accept(head);
      };
      return this.#options.connections.get(
        { origin: whereTo(url), target: url.pathname + url.search, headers },
        { ...exchange, accept },
      );
    });

  readonly explain = ({ status }: ResponseHead): Explanation => ({ detail: '', remedy: statusRemedy(status) });

  /** Requests the first byte of an object to find its size and version. */
  async find(url: string, signal: AbortSignal | undefined): Promise<StoredObject> {
    const unknown: StoredObject = { url, byteLength: undefined, version: undefined, hasRanges: true };
    const explain = ({ status }: ResponseHead): Explanation => ({ detail: '', remedy: statusRemedy(status, true) });
    const protocol = { retry: this.retry, send: this.send, explain };
    const { head } = await requestUntilDone(protocol, {
      range: () => ({ object: unknown, start: 0, end: 1 }),
      isWholeObject: true,
      accept: (found) => {
        // If the server ignores the range, it sends the whole object. This error ends the response, and `isDone`
        // accepts the head.
        if (found.status === 200 && !((bodyLength(found) ?? Infinity) <= SCRATCH_BYTES)) throw new Error('no range');
        return undefined;
      },
      isDone: ({ head: found }) => found !== undefined && (isSuccess(found) || isEmpty(found)),
      signal,
    });
    if (!head) return unknown;
    this.#requireKnownEncoding(head, unknown);
    const object = { url, version: versionOf(head), ...extentOf(head) };
    this.#encodings.set(object, encodingsOf(head).join());
    return object;
  }

  async *readAll(object: StoredObject, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    const { idleTimeoutMs } = this.#options;
    let position = 0;
    try {
      for await (const chunk of readBody(await this.#open(object, signal), idleTimeoutMs)) {
        position += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw abortReasonOr(signal, error instanceof MillraceError ? error : cannotGoOn(object, position, error));
    }
    const { byteLength = position } = object;
    if (position !== byteLength) throw objectChanged(object, `expected ${byteLength} bytes, found ${position}`);
  }

  async #open(object: StoredObject, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    const { idleTimeoutMs, ca, retry } = this.#options;
    let body: IncomingMessage | undefined;
    const send = (): Promise<Outcome> =>
      this.#follower.follow(object, async (url) => {
        body?.destroy();
        const headers = { ...this.#headersFor(url, object), ...ifMatch(object) };
        const { outcome, response } = await openBody(url, { headers, idleTimeoutMs, ca, ...(signal && { signal }) });
        body = response;
        return outcome;
      });
    try {
      const { head } = await requestUntilDone(
        { retry, explain: this.explain, send },
        {
          range: () => ({ object, start: 0, end: object.byteLength ?? Infinity }),
          isWholeObject: true,
          accept: () => undefined,
          isDone: (outcome) => outcome.head !== undefined && isSuccess(outcome.head),
          signal,
        },
      );
      if (!head || !body) throw new Error('the response has no body');
      this.#requireKnownEncoding(head, object);
      if (object.byteLength !== undefined) this.#requireSameEncoding(head, object);
      requireVersion(head, object);
      requireWhole(head, object);
      return body;
    } catch (error) {
      body?.destroy();
      throw error;
    }
  }

  #headersFor(url: URL, object: StoredObject): Readonly<Record<string, string>> {
    const isOwn = url.origin === new URL(object.url).origin;
    const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    const basic = user === ':' ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
    return { 'accept-encoding': 'identity', ...basic, ...(isOwn ? this.#options.headers : {}) };
  }

  #requireKnownEncoding(head: ResponseHead, object: StoredObject): void {
    const option = (encodings: string): string => `the header accept-encoding: ${encodings} of httpStore`;
    requireKnownEncoding(head, object, { accepted: this.#options.headers['accept-encoding'], option });
  }

  #requireSameEncoding(head: ResponseHead, object: StoredObject): void {
    this.#requireKnownEncoding(head, object);
    const listed = this.#encodings.get(object);
    const found = encodingsOf(head).join();
    if (listed === undefined || listed === found) return;
    const path = shownUrl(object.url);
    throw new ChannelError(
      `Cannot read ${path}: its Content-Encoding has changed since it was listed: expected ${listed || 'none'}, found ` +
        `${found || 'none'}. The server probably encodes each response. Turn off this encoding on the server.`,
      { code: 'ERR_CHANNEL_IO', path, status: head.status },
    );
  }
}

/** True if the object is empty: the server rejects the request for the first byte, and reports the size 0. */
function isEmpty({ status, headers }: ResponseHead): boolean {
  return status === 416 && headers.get('content-range') === 'bytes */0';
}

/** The request has no range, so a 206 must contain all bytes. */
function requireWhole(head: ResponseHead, { url }: StoredObject): void {
  if (head.status !== 206) return;
  const { start, end, byteLength } = contentRange(head) ?? {};
  if (start === 0 && end === byteLength) return;
  const path = shownUrl(url);
  const found =
    end === undefined ? 'no Content-Range' : `the bytes ${start} to ${end} of ${byteLength ?? 'an unknown size'}`;
  throw new ChannelError(
    `Cannot read ${path}: the server answered 206 to a request without a range: expected the whole object, found ${found}. ` +
      'Check the server, or a proxy in front of it.',
    { code: 'ERR_CHANNEL_IO', path, status: 206 },
  );
}

function extentOf(head: ResponseHead): Pick<StoredObject, 'byteLength' | 'hasRanges'> {
  if (isEmpty(head)) return { byteLength: 0, hasRanges: true };
  if (head.status === 200) return { byteLength: bodyLength(head), hasRanges: false };
  const { start, end, byteLength } = contentRange(head) ?? {};
  const hasRanges = start === 0 && end === 1 && bodyLength(head) === 1 && byteLength !== undefined;
  return { byteLength, hasRanges };
}

function cannotGoOn({ url }: StoredObject, position: number, cause: unknown): ChannelError {
  const path = shownUrl(url);
  const { message, code } = cause as NodeJS.ErrnoException;
  return new ChannelError(
    `Reading ${path} failed after ${position} bytes: ${message}. The server does not support ranges, so reading ` +
      'cannot continue at this byte. Read the object again from its start, or use a server that supports ranges.',
    { code: 'ERR_CHANNEL_IO', path, errno: code, cause },
  );
}
