import { tmpdir } from 'node:os';
import { env } from 'node:process';

/** The folder of this run of the tests. If the run is killed, the next run removes the folder. */
export const testsFolder = env['MILLRACE_TESTS_FOLDER'] ?? tmpdir();
