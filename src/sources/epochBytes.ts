import { concat, defer, ignoreElements, take, type Observable } from 'rxjs';
import type { Directories } from '../sagemaker/directories.js';
import { EpochState } from '../sagemaker/epochState.js';
import { requireFifos } from '../sagemaker/requireFifos.js';
import { EpochClaim } from './epochClaim.js';
import type { FifoOptions } from './fifo/fifoOptions.js';
import { fifoSource } from './fifo/fifoSource.js';

export interface EpochBytesOptions extends Pick<FifoOptions, 'idleTimeoutMs'> {
  readonly name: string;
  readonly find: () => string;
  readonly directories: Directories;
  readonly openTimeoutMs: number;
}

/**
 * @param wanted - the epoch to read. Default: the next epoch. Unread epochs before this epoch are opened, read up to
 *   their first chunk, and closed, so that the writer continues with the next epoch.
 */
export function epochBytes(options: EpochBytesOptions, wanted?: number): Observable<Uint8Array> {
  const next$ = nextEpochBytes(options, wanted);
  if (wanted === undefined) return next$;
  const skip$ = next$.pipe(take(1), ignoreElements());
  const isEarly = (): boolean => new EpochState(options.directories.stateDir, options.find()).read() < wanted;
  const reached$: Observable<Uint8Array> = defer(() => (isEarly() ? concat(skip$, reached$) : next$));
  return reached$;
}

function nextEpochBytes(options: EpochBytesOptions, upTo: number | undefined): Observable<Uint8Array> {
  const { name, find, directories, openTimeoutMs, idleTimeoutMs } = options;
  return fifoSource((fail) => {
    requireFifos();
    const claim = new EpochClaim({ channel: find(), directories, upTo, onError: fail });
    return {
      open: () => claim.tryOpen(),
      path: () => claim.path,
      obstacle: () => claim.obstacle(),
      openTimeoutMs,
      idleTimeoutMs,
    };
  }, name);
}
