import type { Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { callback, parseOptions } from '../base/parseOptions.js';
import { framedRecords, type FramedRecordsOptions } from './framedRecords.js';

/** Options of {@link channelFromMarbles}. */
export interface MarbleChannelOptions extends Pick<FramedRecordsOptions, 'recordFormat'> {
  /** The record of each letter: bytes, or a string that is encoded as UTF-8. */
  readonly records: Readonly<Record<string, Uint8Array | string>>;
}

const argumentsSchema = lazy(() =>
  z.object({
    cold: callback(),
    marbles: z.string(),
    options: z.object({ records: z.record(z.string(), z.union([z.string(), z.instanceof(Uint8Array)])) }),
  }),
);

/**
 * Makes a channel in virtual time from a marble diagram. Each letter is a chunk with one encoded record, `|` is the end
 * of the epoch, and `#` is an error.
 *
 * ```ts
 * import { batch, decodeTFRecord } from 'millrace/operators';
 * import { channelFromMarbles } from 'millrace/testing';
 * import { map } from 'rxjs';
 * import { TestScheduler } from 'rxjs/testing';
 *
 * new TestScheduler((actual, expected) => console.assert(JSON.stringify(actual) === JSON.stringify(expected))).run(
 *   ({ cold, expectObservable }) => {
 *     const train$ = channelFromMarbles(cold, '-a-b-c-|', {
 *       recordFormat: 'TFRecord',
 *       records: { a: 'one', b: 'two', c: 'three' },
 *     });
 *     const sizes$ = train$.pipe(decodeTFRecord(), batch(2), map((records) => records.length));
 *     expectObservable(sizes$).toBe('---x---(y|)', { x: 2, y: 1 });
 *   },
 * );
 * ```
 *
 * Each subscription plays the epoch from the start. Demand has no effect in virtual time. To test demand, use
 * `consumeByHand`.
 *
 * Throws a ConfigError if an argument is invalid.
 *
 * @param cold - the helper of `TestScheduler.run`.
 * @param error - the error that `#` emits.
 * @see https://rxjs.dev/guide/testing/marble-testing
 */
export function channelFromMarbles(
  cold: RunHelpers['cold'],
  marbles: string,
  options: MarbleChannelOptions,
  error?: unknown,
): Observable<Uint8Array> {
  parseOptions('channelFromMarbles', argumentsSchema(), { cold, marbles, options });
  const { recordFormat, records } = options;
  const chunks = Object.entries(records).map(([letter, record]) => {
    const [chunk = new Uint8Array(0)] = framedRecords([record], { recordFormat });
    return [letter, chunk] as const;
  });
  return cold<Uint8Array>(marbles, Object.fromEntries(chunks), error);
}
