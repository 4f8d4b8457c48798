import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { parseOptions, requireOptions } from '../base/parseOptions.js';
import { Connections } from './http/connections.js';
import { HttpReader } from './http/httpReader.js';
import { readRange } from './http/readRange.js';
import { parseCallOptions, parseReadOptions, requireRange, storedObject } from './requireRange.js';
import type { Store } from './store.js';
import { retryFields, type StoreRetryOptions } from './storeRetry.js';
import { isHttp, problemOfHttpUrl } from './storeUrl.js';

/** Options of {@link httpStore}. */
export interface HttpStoreOptions extends StoreRetryOptions {
  /** Headers of each request, such as `authorization`. A redirect to a different host does not get these headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const OWN_HEADERS = ['host', 'range', 'if-match', 'connection', 'content-length', 'transfer-encoding'];

const headerFields = lazy(() =>
  z.record(z.string(), z.string()).superRefine((headers, context) => {
    for (const [name, value] of Object.entries(headers)) {
      const problem = problemOfHeader(name, value);
      if (problem !== undefined) context.addIssue({ code: 'custom', path: [name], message: problem });
    }
  }),
);

const optionsSchema = lazy(() =>
  z.strictObject({ ...retryFields(), headers: headerFields().default({}).transform(withLowerNames) }),
);

const httpUrl = lazy(() =>
  z.string().superRefine((url, context) => {
    const message = isHttp(url) ? problemOfHttpUrl(url) : 'expected a URL such as https://host/path';
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
);

/**
 * Objects behind `http://` and `https://` URLs as a {@link Store}.
 *
 * ```ts
 * import { httpStore } from 'millrace';
 *
 * const store = httpStore({ headers: { authorization: `Bearer ${process.env['TOKEN']}` } });
 * for await (const { byteLength, version } of store.list('https://example.org/train.tfrecord')) {
 *   console.log(byteLength, version);
 * }
 * ```
 *
 * HTTP has no listing, so `list(url)` lists only the object of that URL. To find its size, `list` requests its first
 * byte. If the server does not support ranges or does not report the size, the object has `hasRanges: false`, and
 * `readAll` reads it from its start. `list` does not read the body of such an object if it has more than 64 KiB.
 * Follows up to ten redirects, but not from `https:` to `http:`. Does not use proxies (`HTTPS_PROXY`).
 *
 * Requests `accept-encoding: identity`, and decodes no `content-encoding`. `decompress('auto')` and `recordsFromFiles`
 * detect gzip, deflate and zstd. Values that are not encodings, such as `utf-8` and `none`, are ignored. Other
 * encodings are errors, with two exceptions: `br` if the URL ends in `.br`, and the encodings in the header
 * `accept-encoding` of the option `headers`.
 *
 * `read` sends `If-Match` with a strong ETag, and compares the version and size in each response with those of the
 * listed object. It requests the rest of a range after a network error, a stall, a body that is too short, or a status
 * 429, 500, 502, 503 or 504. Memory: the range. Each pending `read` has its own connection. An idle connection is
 * closed after four seconds, and does not keep the process alive.
 *
 * Throws a ConfigError at the call if an option is invalid. All methods reject with a ConfigError if a URL is not an
 * HTTP URL, and with a ChannelError with the HTTP `status` if the server rejects a request.
 */
export function httpStore(options: HttpStoreOptions = {}): Store {
  requireOptions('httpStore', options, '{ headers, attempts }');
  const { headers, attempts, backoffMs, idleTimeoutMs, ca } = parseOptions('httpStore', optionsSchema(), options);
  const connections = new Connections({ idleTimeoutMs, ca });
  const reader = new HttpReader({ connections, headers, retry: { attempts, backoffMs }, idleTimeoutMs, ca });
  return {
    schemes: ['http://', 'https://'],
    async *list(prefix, callOptions = {}) {
      parseOptions('httpStore: list', httpUrl(), prefix);
      const { signal } = parseCallOptions('httpStore: list', callOptions);
      yield await reader.find(prefix, signal);
    },
    async read(object, start, end, callOptions = {}) {
      requireRange('httpStore: read', object, start, end);
      parseOptions('httpStore: read', httpUrl(), object.url);
      const readOptions = parseReadOptions('httpStore: read', callOptions, end - start);
      return readRange(reader, { object, start, end }, readOptions);
    },
    async *readAll(object, callOptions = {}) {
      parseOptions('httpStore: readAll', storedObject(), object);
      parseOptions('httpStore: readAll', httpUrl(), object.url);
      const { signal } = parseCallOptions('httpStore: readAll', callOptions);
      yield* reader.readAll(object, signal);
    },
  };
}

function withLowerNames(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function problemOfHeader(name: string, value: string): string | undefined {
  if (OWN_HEADERS.includes(name.toLowerCase())) return 'the store sets this header itself';
  const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http');
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
