import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { fanOut } from './shared/fanOut.js';
import { parseOptions, positiveInteger } from '../src/base/parseOptions.js';

/** Options of {@link broadcast}. */
export interface BroadcastOptions {
  /** How many subscribers there will be. The source starts when the last of them has come. */
  readonly sinks: number;
}

const optionsSchema = z.strictObject({ sinks: positiveInteger });

/**
 * Gives every item to several subscribers, at the pace of the slowest.
 *
 * RxJS's `share` keeps to the first subscriber's demand: the others are overrun, and hang when the first one leaves.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { broadcast, decodeTFRecord } from 'millrace/operators';
 *
 * const records$ = channel('train').pipe(decodeTFRecord(), broadcast({ sinks: 2 }));
 * records$.subscribe((record) => console.log(record.byteLength));
 * records$.subscribe({ complete: () => console.log('end') });
 * ```
 *
 * A subscriber that leaves is waited for no longer; when the last has left, the source is unsubscribed. After the end,
 * as many subscribers begin the next round, so `repeat` works when it stands in each of them. Order is kept. Memory: one
 * item. Errors and completion reach all.
 *
 * Throws a ConfigError at the call for a bad number. A subscriber that comes while a round is running gets a
 * ConfigError as a notification.
 */
export function broadcast<T>(options: BroadcastOptions): MonoTypeOperatorFunction<T> {
  const { sinks } = parseOptions('broadcast', optionsSchema, options, { form: 'broadcast({ sinks: 2 })' });
  return (source) => fanOut(source, sinks);
}
