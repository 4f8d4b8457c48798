import type { Observable } from 'rxjs';
import { parseOptions } from '../base/parseOptions.js';
import { tellBytes } from '../resume/pass.js';
import { localPath } from '../base/localPath.js';
import { quote } from '../base/showValue.js';
import { requireFifos } from '../sagemaker/requireFifos.js';
import { abortable } from './abortable.js';
import { fifoOptionsSchema, type FifoOptions } from './fifo/fifoOptions.js';
import { fifoSource } from './fifo/fifoSource.js';
import { openFifo } from './fifo/openFifo.js';

/**
 * Reads the FIFO at a path as chunks of bytes, as fast as they are wanted.
 *
 * ```ts
 * import { fromFifo } from 'millrace';
 * import { decodeTextLine } from 'millrace/operators';
 *
 * const lines$ = fromFifo('/tmp/lines', { idleTimeoutMs: 30_000 }).pipe(decodeTextLine({ encoding: 'utf8' }));
 * ```
 *
 * Waits for the FIFO to appear, then for its writer, then for data, without holding a thread. A FIFO is read once, by
 * one reader; each subscription opens it anew. Chunks hold up to 64 KiB, are views on slabs of 2 MiB, and are never
 * overwritten. Memory: one slab, and one chunk while it is not wanted.
 *
 * Throws a ConfigError at the call for bad options. Notifies a ChannelError (no FIFO in time, not a FIFO, not readable,
 * silent for too long), a MillraceError `ERR_PLATFORM` outside Linux, or the signal's reason. Unsubscribing closes the
 * descriptor at once, also while it waits.
 */
export function fromFifo(path: string, options: FifoOptions = {}): Observable<Uint8Array> {
  parseOptions('fromFifo', localPath, path);
  const what = `fromFifo(${quote(path)})`;
  const { signal, ...timeouts } = parseOptions(what, fifoOptionsSchema, options);
  const bytes$ = fifoSource(() => {
    requireFifos();
    return { ...timeouts, path: () => path, open: () => openFifo(path) };
  }, what);
  return bytes$.pipe(
    tellBytes(() => ({ name: path, facts: {} })),
    abortable(signal),
  );
}
