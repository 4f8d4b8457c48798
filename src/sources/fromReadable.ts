import { Readable } from 'node:stream';
import { finalize, type Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { abortSignal } from '../base/optionFields.js';
import { requireOptions, parseOptions } from '../base/parseOptions.js';
import { tellBytes } from '../resume/pass.js';
import { pullSource } from '../demand/pullSource.js';
import { abortable } from './abortable.js';
import { alreadyRead, streamPuller, type WebStream } from './streamPuller.js';

/** Options of {@link fromReadable}. */
export interface FromReadableOptions {
  /** If aborted, the Observable fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const isWebStream = (value: unknown): value is WebStream =>
  typeof value === 'object' && value !== null && 'getReader' in value && typeof value.getReader === 'function';

const argumentsSchema = lazy(() =>
  z.strictObject({
    stream: z.custom<Readable | WebStream>(
      (value) => value instanceof Readable || isWebStream(value),
      'expected a Readable of Node.js or a web ReadableStream',
    ),
    signal: abortSignal().optional(),
  }),
);

/**
 * Emits the bytes of a Node `Readable` (for example standard input) or a web `ReadableStream` on demand.
 *
 * ```ts
 * import { stdin } from 'node:process';
 * import { fromReadable } from 'millrace';
 * import { decodeTextLine } from 'millrace/operators';
 *
 * const lines$ = fromReadable(stdin).pipe(decodeTextLine({ encoding: 'utf8' }));
 * ```
 *
 * A stream can be read only once. For `repeat()` and `retry()`, create a stream for each subscription, for example
 * `defer(() => fetch(url)).pipe(concatMap(({ body }) => fromReadable(body!)))`.
 *
 * Memory: one chunk, and up to `highWaterMark` bytes in the stream.
 *
 * Fails with a ChannelError `ERR_CHANNEL_IO` if the stream fails, is closed before its end, or was already read. The
 * `cause` is the stream's error. Fails with a ConfigError if a chunk is not bytes. Unsubscribing destroys a Node stream
 * or cancels a web stream immediately. Without a subscription, the stream is neither read nor closed.
 *
 * @param stream - a stream of `Uint8Array`s. Do not call its `setEncoding`.
 */
export function fromReadable(stream: Readable | WebStream, options: FromReadableOptions = {}): Observable<Uint8Array> {
  requireOptions('fromReadable', options, '{ signal }');
  const { signal } = parseOptions('fromReadable', argumentsSchema(), { ...options, stream });
  let isTaken = false;
  const bytes$ = pullSource<Uint8Array>((outlet) => {
    if (isTaken) throw alreadyRead(stream);
    isTaken = true;
    return streamPuller(stream, outlet);
  }, 'fromReadable');
  return bytes$.pipe(
    tellBytes((ledger) => ({ name: ledger.numbered('stream'), facts: {} })),
    abortable(signal),
    finalize(() => {
      // If the signal was already aborted, the stream has not been read.
      if (isTaken) return;
      isTaken = true;
      closeUnread(stream);
    }),
  );
}

function closeUnread(stream: Readable | WebStream): void {
  if (stream instanceof Readable) {
    stream.on('error', () => undefined).destroy();
    return;
  }
  try {
    stream
      .getReader()
      .cancel()
      .catch(() => undefined);
  } catch {
    // Another reader has locked the stream, and will close it.
  }
}
