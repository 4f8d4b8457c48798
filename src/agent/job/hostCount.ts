import { z } from 'zod';
import { MAX_HOSTS } from './maxHosts.js';

const HOSTS_EXPECTED = `expected 1 to ${MAX_HOSTS} hosts, because all of them run on this machine`;

export const hostCount = z.int({ error: HOSTS_EXPECTED }).min(1, HOSTS_EXPECTED).max(MAX_HOSTS, HOSTS_EXPECTED);

/**
 * Returns the names that SageMaker gives the hosts of a job, in lexicographic order as in SageMaker (`algo-10` before
 * `algo-2`).
 */
export function hostNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `algo-${index + 1}`).sort();
}
