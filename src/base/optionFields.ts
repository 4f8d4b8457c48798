import { z } from 'zod';

/** In milliseconds. A longer timer fires at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** A duration of a timer, in milliseconds. It may be 0. */
export const milliseconds = z.number().nonnegative().max(LONGEST_DELAY_MS);

/** A duration of a timer, in milliseconds, above 0. */
export const positiveMilliseconds = z.number().positive().max(LONGEST_DELAY_MS);

export const abortSignal = z.instanceof(AbortSignal);

/** A seed of 32 bits, for `seededRandom`. */
export const seedOption = z.int().min(0).max(0xffff_ffff);

export const overrunPolicy = z.enum(['warn', 'error']);
