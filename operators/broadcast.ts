import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { fanOut } from './shared/fanOut.js';
import { parseOptions, positiveInteger } from '../src/base/parseOptions.js';

/** Options of {@link broadcast}. */
export interface BroadcastOptions {
  /** The number of subscribers. The last subscriber starts the source. */
  readonly sinks: number;
}

const optionsSchema = lazy(() => z.strictObject({ sinks: positiveInteger() }));

/**
 * Emits every item to several subscribers, at the speed of the slowest subscriber. RxJS's `share` has the speed of the
 * fastest subscriber.
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
 * After the end of the source, subscribers can subscribe again, for example with `repeat`. Memory: one item.
 *
 * If there are more than `sinks` subscribers, each additional subscriber receives a ConfigError.
 */
export function broadcast<T>(options: BroadcastOptions): MonoTypeOperatorFunction<T> {
  const { sinks } = parseOptions('broadcast', optionsSchema(), options, { form: 'broadcast({ sinks: 2 })' });
  return (source) => fanOut(source, sinks);
}
