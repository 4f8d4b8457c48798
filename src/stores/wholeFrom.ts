import { ChannelError } from '../base/errors.js';
import type { Outlet, Puller } from '../demand/pullSource.js';
import type { Store, StoredObject } from './store.js';

/** Reads an object without ranges from its start, and delivers the bytes from `start`. */
export function wholeFrom(store: Store, object: StoredObject, start: number, outlet: Outlet<Uint8Array>): Puller {
  const { url } = object;
  if (!store.readAll) {
    const message = `Cannot read ${url}: its store can read only ranges, and this object does not support ranges.`;
    throw new ChannelError(message, { code: 'ERR_CHANNEL_IO', path: url });
  }
  const controller = new AbortController();
  const chunks = store.readAll(object, { signal: controller.signal })[Symbol.asyncIterator]();
  let toSkip = start;

  const next = async (): Promise<Uint8Array | undefined> => {
    for (;;) {
      const result = await chunks.next();
      if (result.done === true) return undefined;
      const chunk = result.value;
      const skipped = Math.min(toSkip, chunk.length);
      toSkip -= skipped;
      if (skipped < chunk.length) return chunk.subarray(skipped);
    }
  };

  return {
    pull: () => {
      next().then((chunk) => {
        if (chunk) outlet.deliver(chunk);
        else outlet.complete();
      }, outlet.fail);
    },
    close: () => {
      controller.abort();
      // The signal has already ended a pending read.
      chunks.return?.().catch(() => undefined);
    },
  };
}
