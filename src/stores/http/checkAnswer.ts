import { ChannelError } from '../../base/errors.js';
import { objectChanged, shownUrl } from '../objectErrors.js';
import type { StoredObject } from '../store.js';
import { IncorrectResponse } from './requestErrors.js';
import { bodyLength, type ResponseHead } from './responseHead.js';

const CONTENT_RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/;

/** The forms of a date in HTTP. Some servers send an ETag without quotes, which must not be taken for a date. */
const DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

export interface RangeOf {
  readonly object: StoredObject;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface ContentRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly byteLength: number | undefined;
}

/** Returns the range of a response with status 206, or `undefined` if the range is missing or malformed. */
export function contentRange({ headers }: ResponseHead): ContentRange | undefined {
  const [, first, last, size = '*'] = CONTENT_RANGE.exec(headers.get('content-range') ?? '') ?? [];
  if (first === undefined || last === undefined) return undefined;
  return { start: Number(first), end: Number(last) + 1, byteLength: size === '*' ? undefined : Number(size) };
}

/** Some servers send an empty ETag. */
function tagOf(headers: ResponseHead['headers']): string | undefined {
  const tag = headers.get('etag');
  return tag === '' ? undefined : tag;
}

/** The ETag, or the date if there is no ETag. */
export function versionOf({ headers }: ResponseHead): string | undefined {
  return tagOf(headers) ?? headers.get('last-modified');
}

/** Returns the header `If-Match` if the version is a strong ETag, because a server does not compare weak ETags. */
export function ifMatch({ version }: StoredObject): Readonly<Record<string, string>> {
  return version?.startsWith('"') === true ? { 'if-match': version } : {};
}

/** Throws if the response has a different version. Needed because not every server obeys `If-Match`. */
export function requireVersion({ status, headers }: ResponseHead, object: StoredObject): void {
  const { version } = object;
  if (version === undefined) return;
  const modified = headers.get('last-modified');
  const isTag = /^(W\/)?"/.test(version);
  const found = DATE.test(version) ? modified : (tagOf(headers) ?? (isTag ? undefined : modified));
  if (found === undefined || version === found) return;
  throw objectChanged(object, `expected the version ${version}, found ${found}`, status);
}

/**
 * Checks a successful response. Returns the size of its body, which may be smaller than the range.
 *
 * @throws ChannelError if the object has changed since it was listed.
 * @throws IncorrectResponse if the response is not the requested range.
 */
export function bytesOfAnswer(head: ResponseHead, { object, start, end }: RangeOf): number {
  requireVersion(head, object);
  const length = bodyLength(head);
  if (length === undefined)
    throw new IncorrectResponse('the response does not contain the size of its body (Content-Length)');
  const range = head.status === 206 ? contentRange(head) : { start: 0, end: length, byteLength: length };
  if (!range) throw new IncorrectResponse('the response does not contain its range (Content-Range)');
  if (object.byteLength !== undefined && range.byteLength !== undefined && range.byteLength !== object.byteLength) {
    throw objectChanged(object, `expected ${object.byteLength} bytes, found ${range.byteLength}`, head.status);
  }
  if (range.start !== start || range.end > end || range.end - range.start !== length) {
    const text = `the bytes ${range.start} to ${range.end}, in a body of ${length} bytes`;
    throw new IncorrectResponse(`expected the bytes ${start} to ${end}, found ${text}`);
  }
  return length;
}

/** Later stages detect the compressions in the data. `aws-chunked` does not change the data. */
const DETECTED = new Set(['', 'identity', 'gzip', 'x-gzip', 'deflate', 'zstd', 'aws-chunked']);

/**
 * @param accepted - the encodings that the user has requested, as in the header `Accept-Encoding`.
 * @throws ChannelError if the body is encoded, and later stages would take it for the object itself.
 */
export function requireKnownEncoding({ status, headers }: ResponseHead, { url }: StoredObject, accepted = ''): void {
  const encoding = headers.get('content-encoding')?.toLowerCase() ?? '';
  const names = encoding.split(',').map((name) => name.trim());
  const isNamed = encoding === 'br' && /\.br$/i.test(new URL(url).pathname);
  if (isNamed || names.every((name) => DETECTED.has(name) || accepted.toLowerCase().includes(name))) return;
  const path = shownUrl(url);
  const decoder = encoding === 'br' ? ", and compression: 'brotli' of recordsFromFiles" : ', and decode them';
  throw new ChannelError(
    `Cannot read ${path}: the server sends it with Content-Encoding: ${encoding}, which httpStore does not decode. ` +
      'Turn off this encoding on the server. Or, to read the encoded bytes, set the header accept-encoding: ' +
      `${encoding} of httpStore${decoder}.`,
    { code: 'ERR_CHANNEL_IO', path, status },
  );
}
