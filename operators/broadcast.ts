import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { fanOut } from './shared/fanOut.js';
import { parseOptions, positiveInteger } from '../src/base/parseOptions.js';

/** Options of {@link broadcast}. */
export interface BroadcastOptions {
  /** The number of subscribers. The source starts when the last one has subscribed. */
  readonly sinks: number;
}

const optionsSchema = z.strictObject({ sinks: positiveInteger });

/**
 * Emits every item to several subscribers, at the speed of the slowest subscriber. RxJS's `share` follows only the
 * demand of its first subscriber.
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
 * A subscriber that has unsubscribed no longer slows the others. All subscribers receive errors and completion. After
 * the end, this operator subscribes to the source again when all `sinks` subscribers have subscribed again, for example
 * with `repeat`. Memory: one item.
 *
 * An additional subscriber receives a ConfigError as an error notification while the source is running.
 */
export function broadcast<T>(options: BroadcastOptions): MonoTypeOperatorFunction<T> {
  const { sinks } = parseOptions('broadcast', optionsSchema, options, { form: 'broadcast({ sinks: 2 })' });
  return (source) => fanOut(source, sinks);
}
