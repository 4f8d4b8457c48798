import { MillraceError } from '../../base/errors.js';
import type { StoredObject } from '../../stores/store.js';
import type { StoredContent } from './channelObject.js';

/** This size is large enough to reach the full speed of a connection. */
export const RANGE_BYTES = 4 * 1024 * 1024;

export interface Range extends StoredContent {
  readonly start: number;
  readonly end: number;
}

export function* rangesOf(contents: Iterable<StoredContent>): Generator<Range, void, undefined> {
  for (const content of contents) {
    const { byteLength } = content.object;
    for (let start = 0; start < byteLength; start += RANGE_BYTES) {
      yield { ...content, start, end: Math.min(start + RANGE_BYTES, byteLength) };
    }
  }
}

/** @throws MillraceError `ERR_AGENT` if the object has changed since the start of the job. */
export async function readUnchanged({ store, object, start, end }: Range, signal?: AbortSignal): Promise<Uint8Array> {
  return store.read(object, start, end, { signal }).catch((cause: unknown) => {
    throw changedSinceStart(object, cause);
  });
}

export function changedSinceStart({ url }: StoredObject, cause: unknown): unknown {
  if (!(cause instanceof MillraceError) || cause.code !== 'ERR_CHANNEL_CHANGED') return cause;
  const message = `${url} has changed since the job started, so its epochs would differ: start the job again`;
  return new MillraceError(message, { code: 'ERR_AGENT', cause });
}
