import { z } from 'zod';
import { abortSignal, positiveMilliseconds } from '../../base/optionFields.js';

/** The schema of {@link FifoOptions}. */
export const fifoOptionsSchema = z.strictObject({
  openTimeoutMs: positiveMilliseconds.default(120_000),
  idleTimeoutMs: positiveMilliseconds.optional(),
  signal: abortSignal.optional(),
});

/** How long to wait for a FIFO, and what ends it from outside. */
export interface FifoOptions {
  /** How long to wait until the FIFO is there and open, in milliseconds. Default: 120,000. */
  readonly openTimeoutMs?: number | undefined;
  /**
   * How long a read may wait for a byte, including the first, in milliseconds. Only time in which the consumer waits
   * counts. After a pause of the consumer the time starts again, so the error comes after at most twice that time.
   * Default: no limit, with a process warning after 60 seconds of silence.
   */
  readonly idleTimeoutMs?: number | undefined;
  /** Ends the reading at once with the signal's reason as an error notification. */
  readonly signal?: AbortSignal | undefined;
}
