import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, pid } from 'node:process';

/** Gives the workers of a run a folder in common, and the number of the process that ends with the run. */
export default function globalSetup() {
  env.MILLRACE_TESTS_FOLDER = mkdtempSync(join(tmpdir(), 'millrace-tests-'));
  env.MILLRACE_TESTS_PID = String(pid);
}
