import { urlScheme } from '../base/localPath.js';
import { quote } from '../base/showValue.js';
import { shownUrl } from './objectErrors.js';
import type { StoredObject } from './store.js';

export function isHttp(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

/** Returns the URL with its scheme in lower case, such as `s3://` for `S3://`. Returns paths unchanged. */
export function withLowerScheme(url: string): string {
  const scheme = urlScheme(url) ?? '';
  return scheme + url.slice(scheme.length);
}

/** Returns `s3://bucket` for `s3://bucket/key`. */
export function rootOf(url: string): string {
  return /^[^:/]*:\/\/[^/]*/.exec(url)?.[0] ?? '';
}

/** Returns true for the empty object, such as `train/`, that a web console creates for a folder. */
export function isFolderMarker({ url, byteLength }: StoredObject): boolean {
  return byteLength === 0 && url.endsWith('/');
}

const noFolder = (url: string): string =>
  `expected the URL of one object, found ${quote(shownUrl(url))}: HTTP has no listing, so millrace cannot find the objects of a folder`;

/** Returns an error message without the user and the password of the URL, which may be secret. */
export function problemOfHttpUrl(url: string): string | undefined {
  if (!URL.canParse(url)) return `expected a URL such as https://host/path, found ${quote(shownUrl(url))}`;
  const { username, password } = new URL(url);
  try {
    decodeURIComponent(username + password);
    return undefined;
  } catch {
    return `expected a percent-encoded user and password in the URL ${quote(shownUrl(url))}: write %25 instead of %`;
  }
}

/**
 * Returns an error message if an `http://`, `https://` or `s3://` URL is malformed. Does not check other URLs, because
 * they belong to custom stores.
 */
export function problemOfUrl(url: string): string | undefined {
  if (isHttp(url)) return problemOfHttpUrl(url) ?? (/^[^?]*\/$/.test(url) ? noFolder(url) : undefined);
  return /^s3:\/\/(\/|$)/i.test(url) ? `expected the name of a bucket after s3://, found ${quote(url)}` : undefined;
}
