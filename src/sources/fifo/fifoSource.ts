import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Observable } from 'rxjs';
import { ChannelError } from '../../base/errors.js';
import { pullSource, type Puller } from '../../demand/pullSource.js';
import { openWhenThere } from './openWhenThere.js';
import { readFifo } from './readFifo.js';

export interface AwaitedFifo {
  readonly open: () => number | undefined;
  readonly path: () => string;
  readonly obstacle?: () => string | undefined;
  readonly openTimeoutMs: number;
  readonly idleTimeoutMs?: number | undefined;
}

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
  const missingFifo = () =>
    `No FIFO appeared at ${path()} within ${openTimeoutMs} ms. The folder contains ${list(dirname(path()))}. ` +
    'Check that the job has this epoch. If the job is slow to start, increase openTimeoutMs. On your own ' +
    'machine, start the job with `millrace local`.';
  return new ChannelError(obstacle?.() ?? missingFifo(), { code: 'ERR_CHANNEL_OPEN_TIMEOUT', path: path() });
}

function list(folder: string): string {
  try {
    const names = readdirSync(folder).sort();
    const shown = names.slice(0, 10).join(', ');
    return names.length === 0 ? 'nothing' : names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
  } catch (error) {
    return `files that cannot be listed (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
}
