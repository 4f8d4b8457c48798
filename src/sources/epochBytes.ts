import { concat, defer, ignoreElements, take, type Observable } from 'rxjs';
import type { Directories } from '../sagemaker/directories.js';
import { EpochState } from '../sagemaker/epochState.js';
import { requireFifos } from '../sagemaker/requireFifos.js';
import { EpochClaim } from './epochClaim.js';
import type { FifoOptions } from './fifo/fifoOptions.js';
import { fifoSource } from './fifo/fifoSource.js';

/** Which channel's epochs are read, and how. */
export interface EpochBytesOptions extends Pick<FifoOptions, 'idleTimeoutMs'> {
  /** What reports call it. */
  readonly what: string;
  /** Looks the channel up. Called at each subscription; may throw. */
  readonly find: () => string;
  readonly directories: Directories;
  readonly openTimeoutMs: number;
}

/**
 * The bytes of an epoch of a channel.
 *
 * @param wanted - its number: the epochs before it are taken, and left at their first byte. (An agent notices a reader
 *   that comes and goes at once, or does not; one that has had a byte it has noticed.) Default: whichever is next.
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
  const { what, find, directories, openTimeoutMs, idleTimeoutMs } = options;
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
  }, what);
}
