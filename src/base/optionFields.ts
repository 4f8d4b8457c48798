import { z } from 'zod';

/** The maximum delay of a timer, in milliseconds. A longer timer fires immediately. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The duration of a timer in milliseconds, 0 or more. */
export const milliseconds = z.number().nonnegative().max(LONGEST_DELAY_MS);

/** The duration of a timer in milliseconds, more than 0. */
export const positiveMilliseconds = z.number().positive().max(LONGEST_DELAY_MS);

export const abortSignal = z.instanceof(AbortSignal);

/** A seed of 32 bits for `seededRandom`. */
export const seedOption = z.int().min(0).max(0xffff_ffff);

export const overrunPolicy = z.enum(['warn', 'error']);
