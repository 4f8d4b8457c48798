import { z } from 'zod';

/** The longest delay of a timer, in milliseconds. A timer with a longer one fires at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The schema of a time that a timer waits for, in milliseconds. It may be 0. */
export const milliseconds = z.number().nonnegative().max(LONGEST_DELAY_MS);

/** The schema of a time that a timer waits for, in milliseconds, above 0. */
export const positiveMilliseconds = z.number().positive().max(LONGEST_DELAY_MS);

/** The schema of the option `signal`. */
export const abortSignal = z.instanceof(AbortSignal);

/** The schema of a seed: 32 bits, as `seededRandom` takes them. */
export const seedOption = z.int().min(0).max(0xffff_ffff);

/** The schema of the option `overrun`. */
export const overrunPolicy = z.enum(['warn', 'error']);
