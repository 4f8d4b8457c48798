import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { MAX_HOSTS } from './maxHosts.js';

const HOSTS_EXPECTED = `expected 1 to ${MAX_HOSTS} hosts (all of them run on this machine)`;

export const hostCount = lazy(() =>
  z.int({ error: HOSTS_EXPECTED }).min(1, HOSTS_EXPECTED).max(MAX_HOSTS, HOSTS_EXPECTED),
);

/** Returns the names of the hosts in SageMaker's lexicographic order: `algo-10` before `algo-2`. */
export function hostNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `algo-${index + 1}`).sort();
}
