import { ChannelError } from '../../base/errors.js';
import { objectChanged, shownUrl } from '../objectErrors.js';
import type { StoredObject } from '../store.js';
import { isHttp } from '../storeUrl.js';
import { IncorrectResponse } from './requestErrors.js';
import { bodyLength, type ResponseHead } from './responseHead.js';

const CONTENT_RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/;

/** The forms of a date in HTTP. Some servers send an ETag without quotes, which must not be read as a date. */
const DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

export interface RangeOf {
  readonly object: StoredObject;
  readonly start: number;
  /** The offset after the last byte. */
  readonly end: number;
}

export interface ContentRange {
  readonly start: number;
  /** The offset after the last byte. */
  readonly end: number;
  readonly byteLength: number | undefined;
}

/** Returns the range of a response with status 206, or `undefined` if the range is missing or malformed. */
export function contentRange({ headers }: ResponseHead): ContentRange | undefined {
  const [, first, last, size = '*'] = CONTENT_RANGE.exec(headers.get('content-range') ?? '') ?? [];
  if (first === undefined || last === undefined) return undefined;
  return { start: Number(first), end: Number(last) + 1, byteLength: size === '*' ? undefined : Number(size) };
}

/** Returns `undefined` for an empty ETag, which some servers send. */
function tagOf(headers: ResponseHead['headers']): string | undefined {
  const tag = headers.get('etag');
  return tag === '' ? undefined : tag;
}

/** Returns the ETag, or the modification date if there is no ETag. */
export function versionOf({ headers }: ResponseHead): string | undefined {
  return tagOf(headers) ?? headers.get('last-modified');
}

/** Returns the header `If-Match` if the version is a strong ETag, because a server does not compare weak ETags. */
export function ifMatch({ version }: StoredObject): Readonly<Record<string, string>> {
  return version?.startsWith('"') === true ? { 'if-match': version } : {};
}

/** Throws if the response has a different version. Needed because not every server obeys `If-Match`. */
export function requireVersion(head: ResponseHead, object: StoredObject): void {
  const { headers } = head;
  const { version } = object;
  if (version === undefined) return;
  const modified = headers.get('last-modified');
  const isTag = /^(W\/)?"/.test(version);
  const found = DATE.test(version) ? modified : (tagOf(headers) ?? (isTag ? undefined : modified));
  if (version === found || (found === undefined && !isPage(headers, object))) return;
  throw otherObject(head, object, `expected the version ${version}, found ${found}`);
}

/** Returns true for an HTML page, unless the URL names a page. Login pages of proxies often have the status 200. */
function isPage(headers: ResponseHead['headers'], { url }: StoredObject): boolean {
  return /^text\/html/i.test(headers.get('content-type') ?? '') && !/\.html?$/i.test(url);
}

function otherObject({ status, headers }: ResponseHead, object: StoredObject, finding: string): ChannelError {
  if (!isPage(headers, object)) return objectChanged(object, finding, status);
  const path = shownUrl(object.url);
  return new ChannelError(
    `Cannot read ${path}: the server answered ${status} with an HTML page, and not with the object that was listed. ` +
      'It is probably a login or error page of a proxy: check the network, or open the URL in a browser.',
    { code: 'ERR_CHANNEL_IO', path, status },
  );
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
    throw otherObject(head, object, `expected ${object.byteLength} bytes, found ${range.byteLength}`);
  }
  if (range.start !== start || range.end > end || range.end - range.start !== length) {
    const text = `the bytes ${range.start} to ${range.end}, in a body of ${length} bytes`;
    throw new IncorrectResponse(`expected the bytes ${start} to ${end}, found ${text}`);
  }
  return length;
}

/** Later stages detect these compressions in the data. */
const DETECTED = new Set(['gzip', 'x-gzip', 'deflate', 'zstd']);

/** These values do not change the data. Some programs store a charset or a MIME encoding in this header. */
const IDENTITY = new Set(' identity aws-chunked none null binary 7bit 8bit utf-8 utf8 us-ascii'.split(' '));

/** Returns the encodings in lower case, without parameters, and without encodings that do not change the data. */
export function encodingsOf({ headers }: ResponseHead): readonly string[] {
  const names = (headers.get('content-encoding') ?? '').toLowerCase().split(',').map(withoutParameters);
  return names.filter((name) => !IDENTITY.has(name));
}

const withoutParameters = (text: string): string => (text.split(';')[0] as string).trim();

interface KnownEncodings {
  /** The encodings that the user has requested, as in the header `Accept-Encoding`. */
  readonly accepted: string | undefined;
  /** Returns the option that sets `accepted`, such as `the header accept-encoding: br of httpStore`. */
  readonly option: (encodings: string) => string;
}

/** @throws ChannelError if the body has an encoding that later stages would not detect. */
export function requireKnownEncoding(
  head: ResponseHead,
  { url }: StoredObject,
  { accepted = '', option }: KnownEncodings,
): void {
  const names = encodingsOf(head);
  const path = isHttp(url) ? new URL(url).pathname : url;
  const isNamed = names.join() === 'br' && /\.br$/i.test(path);
  const known = accepted.toLowerCase().split(',');
  const wanted = new Set(known.filter((text) => !/;\s*q=0(\.0*)?\s*$/.test(text)).map(withoutParameters));
  if (isNamed || names.every((name) => DETECTED.has(name) || wanted.has(name))) return;
  const shown = shownUrl(url);
  const decoder = names.join() === 'br' ? ", and compression: 'brotli' of recordsFromFiles" : ', and decode them';
  throw new ChannelError(
    `Cannot read ${shown}: the server sends it with Content-Encoding: ${head.headers.get('content-encoding')}, which ` +
      'Millrace does not decode. Turn off this encoding on the server. To read the encoded bytes instead, set ' +
      `${option(names.join(', '))}${decoder}.`,
    { code: 'ERR_CHANNEL_IO', path: shown, status: head.status },
  );
}
