import { env } from 'node:process';

/** Returns how many random inputs a long test tries: a third of `all`, or all of them with `npm run test:thorough`. */
export const runs = (all: number): number => (env['MILLRACE_THOROUGH'] === undefined ? Math.ceil(all / 3) : all);
