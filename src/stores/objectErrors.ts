import { ChannelError } from '../base/errors.js';
import { withoutUser } from '../base/localPath.js';
import type { StoredObject } from './store.js';

/** @param finding - what was expected and found. */
export function objectChanged({ url }: StoredObject, finding: string, status?: number): ChannelError {
  return new ChannelError(
    `${shownUrl(url)} has changed since it was listed: ${finding}. Read it again from its ` +
      'start: subscribe again. With storeBytes(), first call list() again.',
    { code: 'ERR_CHANNEL_CHANGED', path: shownUrl(url), status },
  );
}

export function objectExists(url: string, origin: Pick<ChannelError, 'errno' | 'status' | 'cause'>): ChannelError {
  const { errno, status, cause } = origin;
  return new ChannelError(
    `Cannot write ${url}: another writer has written it in the meantime, and this run did not replace it. Two runs must ` +
      'not write the same names: use a different name for each run, for example a name that contains the host.',
    { code: 'ERR_CHANNEL_IO', path: url, errno, status, cause },
  );
}

/** Removes the user and the query of a URL, which may contain secrets. Returns a path unchanged. */
export function shownUrl(url: string): string {
  if (!/^https?:/i.test(url)) return url;
  if (!URL.canParse(url)) return withoutUser(url).replace(/\?.*/s, '?…');
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`;
}
