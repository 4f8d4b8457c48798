import { z } from 'zod';
import { abortSignal, positiveMilliseconds } from '../../base/optionFields.js';

export const fifoOptionsSchema = z.strictObject({
  openTimeoutMs: positiveMilliseconds
    .describe('How long to wait until the FIFO is there and open, in milliseconds. Default: 120,000.')
    .default(120_000),
  idleTimeoutMs: positiveMilliseconds
    .optional()
    .describe('How long a read may wait for a byte, in milliseconds. Default: no limit.'),
  signal: abortSignal.optional(),
});

/** Timeouts and the signal for reading a FIFO. */
export interface FifoOptions {
  /** The longest wait for the FIFO to exist and open, in milliseconds. Default: 120,000. */
  readonly openTimeoutMs?: number | undefined;
  /**
   * The longest wait for a byte, including the first, in milliseconds. Only time that the consumer waits counts. A
   * pause of the consumer restarts the wait, so the error comes after at most twice this time. Default: no limit, with
   * a process warning after 60 seconds of silence.
   */
  readonly idleTimeoutMs?: number | undefined;
  /** Stops reading with the signal's reason as an error notification. */
  readonly signal?: AbortSignal | undefined;
}
