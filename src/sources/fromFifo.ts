import { resolve } from 'node:path';
import type { Observable } from 'rxjs';
import { parseOptions } from '../base/parseOptions.js';
import { tellBytes } from '../resume/pass.js';
import { localPath } from '../base/localPath.js';
import { quote } from '../base/showValue.js';
import { reserveInput } from '../base/threadGroups.js';
import { requireFifos } from '../sagemaker/requireFifos.js';
import { abortable } from './abortable.js';
import { fifoOptionsSchema, type FifoOptions } from './fifo/fifoOptions.js';
import { fifoSource } from './fifo/fifoSource.js';
import { openFifo } from './fifo/openFifo.js';

/**
 * Emits the bytes of a FIFO on demand. Each subscription opens the FIFO again.
 *
 * ```ts
 * import { fromFifo } from 'millrace';
 * import { decodeTextLine } from 'millrace/operators';
 *
 * const lines$ = fromFifo('/tmp/lines', { idleTimeoutMs: 30_000 }).pipe(decodeTextLine({ encoding: 'utf8' }));
 * ```
 *
 * The source waits for the FIFO, then for its writer, then for data, without blocking a thread. Only one reader may
 * read a FIFO. Chunks and memory: as with `channel`.
 *
 * Fails with a ChannelError if the path is not a readable FIFO, or if the FIFO or its data does not arrive in time.
 * Fails with a MillraceError `ERR_PLATFORM` on systems other than Linux. Unsubscribing closes the descriptor
 * immediately.
 */
export function fromFifo(path: string, options: FifoOptions = {}): Observable<Uint8Array> {
  parseOptions('fromFifo', localPath(), path);
  const name = `fromFifo(${quote(path)})`;
  const { signal, ...timeouts } = parseOptions(name, fifoOptionsSchema(), options);
  const bytes$ = fifoSource(() => {
    requireFifos();
    reserveInput(`the FIFO ${path}`, () => resolve(path));
    return { ...timeouts, path: () => path, open: () => openFifo(path) };
  }, name);
  return bytes$.pipe(
    tellBytes(() => ({ name: path, facts: {} })),
    abortable(signal),
  );
}
