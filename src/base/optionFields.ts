import { z } from 'zod';
import { lazy } from './lazy.js';

/** The longest delay of a timer in Node.js. A timer with a longer delay fires immediately. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const milliseconds = lazy(() => z.number().nonnegative().max(LONGEST_DELAY_MS));

export const positiveMilliseconds = lazy(() => z.number().positive().max(LONGEST_DELAY_MS));

export const abortSignal = lazy(() => z.instanceof(AbortSignal));

export const seedOption = lazy(() => z.int().min(0).max(0xffff_ffff));

export const overrunPolicy = lazy(() => z.enum(['warn', 'error']));
