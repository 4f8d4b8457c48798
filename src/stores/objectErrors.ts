import { ChannelError } from '../base/errors.js';
import type { StoredObject } from './store.js';

/** @param finding - what was expected and found. */
export function objectChanged({ url }: StoredObject, finding: string, status?: number): ChannelError {
  return new ChannelError(
    `${shownUrl(url)} has changed since it was listed: ${finding}. List it again, and read it from its start.`,
    { code: 'ERR_CHANNEL_CHANGED', path: shownUrl(url), status },
  );
}

/** Returns a URL without its user and query, which may contain secrets. Returns all other texts unchanged. */
export function shownUrl(url: string): string {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return url;
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`;
}
