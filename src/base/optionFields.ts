import { z } from 'zod';

/** The longest delay of a timer in Node.js. A timer with a longer delay fires immediately. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const milliseconds = z.number().nonnegative().max(LONGEST_DELAY_MS);

export const positiveMilliseconds = z.number().positive().max(LONGEST_DELAY_MS);

export const abortSignal = z.instanceof(AbortSignal);

export const seedOption = z.int().min(0).max(0xffff_ffff);

export const overrunPolicy = z.enum(['warn', 'error']);
