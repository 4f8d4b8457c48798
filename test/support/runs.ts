import { env } from 'node:process';

/**
 * Returns how many random inputs a long test tries: all of them with `npm run test:thorough`.
 *
 * @param usual - the number in other runs. Default: a third of `all`.
 */
export const runs = (all: number, usual = Math.ceil(all / 3)): number =>
  env['MILLRACE_THOROUGH'] === undefined ? usual : all;
