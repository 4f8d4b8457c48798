import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Observable } from 'rxjs';
import { ChannelError } from '../../base/errors.js';
import { pullSource, type Puller } from '../../demand/pullSource.js';
import { openWhenThere } from './openWhenThere.js';
import { readFifo } from './readFifo.js';

/** A FIFO that may still have to come into being. */
export interface AwaitedFifo {
  /** Its descriptor, or `undefined` while it is too early. Called only when the first byte is wanted. May throw. */
  readonly open: () => number | undefined;
  /** Where it will be, as messages name it. */
  readonly path: () => string;
  /** What stood in the way of the last attempt, where it was something else than that the FIFO is not there. */
  readonly obstacle?: () => string | undefined;
  readonly openTimeoutMs: number;
  readonly idleTimeoutMs?: number | undefined;
}

/**
 * The bytes of a FIFO, opened when the first of them is wanted and not before.
 *
 * @param name - as the user wrote it: reports call it so.
 */
export function fifoSource(
  prepare: (fail: (error: unknown) => void) => AwaitedFifo,
  name: string,
): Observable<Uint8Array> {
  return pullSource((outlet) => {
    const fifo = prepare(outlet.fail);
    let reader: Puller | undefined;
    let stopWaiting: (() => void) | undefined;
    const startReading = (fd: number): void => {
      reader = readFifo({ fd, path: fifo.path(), idleTimeoutMs: fifo.idleTimeoutMs }, outlet);
      reader.pull();
    };
    return {
      pull: () => {
        if (reader) reader.pull();
        else {
          stopWaiting = openWhenThere({
            attempt: fifo.open,
            timeoutMs: fifo.openTimeoutMs,
            onOpen: startReading,
            onError: outlet.fail,
            timeoutError: () => openTimeout(fifo),
          });
        }
      },
      close: () => {
        stopWaiting?.();
        reader?.close();
      },
    };
  }, name);
}

function openTimeout({ path, obstacle, openTimeoutMs }: AwaitedFifo): ChannelError {
  const missing = () =>
    `No FIFO appeared at ${path()} within ${openTimeoutMs} ms; its folder holds ${list(dirname(path()))}. ` +
    'Has the job as many epochs as are read? Wait longer with openTimeoutMs, or play the job with `millrace local`.';
  return new ChannelError(obstacle?.() ?? missing(), { code: 'ERR_CHANNEL_OPEN_TIMEOUT', path: path() });
}

function list(folder: string): string {
  try {
    const names = readdirSync(folder).sort();
    const shown = names.slice(0, 10).join(', ');
    return names.length === 0 ? 'nothing' : names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
  } catch (error) {
    return `nothing that can be listed (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
}
