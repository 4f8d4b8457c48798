import { rmSync } from 'node:fs';
import { env } from 'node:process';

export default function globalTeardown() {
  rmSync(env.MILLRACE_TESTS_FOLDER, { recursive: true, force: true });
}
