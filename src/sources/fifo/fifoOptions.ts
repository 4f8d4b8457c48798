import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { abortSignal, positiveMilliseconds } from '../../base/optionFields.js';

export const fifoOptionsSchema = lazy(() =>
  z.strictObject({
    openTimeoutMs: positiveMilliseconds()
      .describe('The maximum time to wait until the FIFO exists and is open, in milliseconds. Default: 120,000.')
      .default(120_000),
    idleTimeoutMs: positiveMilliseconds()
      .optional()
      .describe('The maximum time that a read of the FIFO waits for data, in milliseconds. Default: no limit.'),
    signal: abortSignal().optional(),
  }),
);

/** Options for reading a FIFO. */
export interface FifoOptions {
  /** The maximum time to wait until the FIFO exists and is open, in milliseconds. Default: 120,000. */
  readonly openTimeoutMs?: number | undefined;
  /**
   * The maximum time that the consumer waits for data, in milliseconds. The source checks this at intervals of the same
   * length, so the error may come after up to twice the time. Default: no limit, but a process warning after 60
   * seconds.
   */
  readonly idleTimeoutMs?: number | undefined;
  /** If aborted, the Observable fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
