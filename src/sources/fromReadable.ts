import { Readable } from 'node:stream';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { abortSignal } from '../base/optionFields.js';
import { requireOptions, parseOptions } from '../base/parseOptions.js';
import { tellBytes } from '../resume/pass.js';
import { pullSource } from '../demand/pullSource.js';
import { abortable } from './abortable.js';
import { alreadyRead, streamPuller, type WebStream } from './streamPuller.js';

/** Options of {@link fromReadable}. */
export interface FromReadableOptions {
  /** Ends the reading at once with the signal's reason as an error notification. */
  readonly signal?: AbortSignal | undefined;
}

const isWebStream = (value: unknown): value is WebStream =>
  typeof value === 'object' && value !== null && 'getReader' in value && typeof value.getReader === 'function';

const argumentsSchema = z.strictObject({
  stream: z.custom<Readable | WebStream>(
    (value) => value instanceof Readable || isWebStream(value),
    'expected a Readable of Node or a web ReadableStream',
  ),
  signal: abortSignal.optional(),
});

/**
 * Reads standard input, any Node `Readable` or any web `ReadableStream` as chunks of bytes, as fast as they are wanted.
 *
 * ```ts
 * import { stdin } from 'node:process';
 * import { fromReadable } from 'millrace';
 * import { decodeTextLine } from 'millrace/operators';
 *
 * const lines$ = fromReadable(stdin).pipe(decodeTextLine({ encoding: 'utf8' }));
 * ```
 *
 * A stream is read once, by one subscription. To read anew at each (`repeat`, `retry`), make a stream at each:
 *
 * ```ts
 * import { fromReadable } from 'millrace';
 * import { decodeTFRecord, decompress } from 'millrace/operators';
 * import { concatMap, defer, repeat } from 'rxjs';
 *
 * const bytes$ = defer(() => fetch('https://example.org/train.tfrecord.gz')).pipe(
 *   concatMap(({ body }) => fromReadable(body!)),
 * );
 * const records$ = bytes$.pipe(decompress('gzip'), decodeTFRecord(), repeat(3));
 * ```
 *
 * Chunks are the stream's own, of whatever size it gives. Memory: one chunk, besides what the stream itself holds up to
 * its `highWaterMark`.
 *
 * Throws a ConfigError at the call for what is no such stream. Notifies a ChannelError (`ERR_CHANNEL_IO`, the stream's
 * own error as `cause`) when the stream fails, is closed before its end, or has been read already; a ConfigError when it
 * gives something other than bytes; the signal's reason. Unsubscribing destroys a Node stream and cancels a web stream
 * at once, also while it waits for data; a stream that nobody subscribes to is left alone.
 *
 * @param stream - gives `Uint8Array`s: leave out `setEncoding`.
 */
export function fromReadable(stream: Readable | WebStream, options: FromReadableOptions = {}): Observable<Uint8Array> {
  requireOptions('fromReadable', options, '{ signal }');
  const { signal } = parseOptions('fromReadable', argumentsSchema, { stream, ...options });
  let isTaken = false;
  const bytes$ = pullSource<Uint8Array>((outlet) => {
    if (isTaken) throw alreadyRead(stream);
    isTaken = true;
    return streamPuller(stream, outlet);
  }, 'fromReadable');
  return bytes$.pipe(
    tellBytes((ledger) => ({ name: ledger.numbered('stream'), facts: {} })),
    abortable(signal),
  );
}
