import { z } from 'zod';

/** More hosts than one machine can train on: each is a process of its own, with its own tree. */
export const MAX_HOSTS = 100;

const HOSTS_EXPECTED = `expected 1 to ${MAX_HOSTS} hosts, all of which run on this machine`;

/** How many hosts a job has. */
export const hostCount = z.int({ error: HOSTS_EXPECTED }).min(1, HOSTS_EXPECTED).max(MAX_HOSTS, HOSTS_EXPECTED);

/** The names that SageMaker gives to the hosts of a job, in lexicographic order as it has them. */
export function hostNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `algo-${index + 1}`).sort();
}
