import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, pid } from 'node:process';
import { PREFIX, removeAbandoned } from './abandoned.js';

/** Gives the workers of a run a folder in common, and the number of the process that ends with the run. */
export default function globalSetup() {
  removeAbandoned(tmpdir());
  env.MILLRACE_TESTS_FOLDER = mkdtempSync(join(tmpdir(), `${PREFIX}${pid}-`));
  env.MILLRACE_TESTS_PID = String(pid);
}
