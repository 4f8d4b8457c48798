import { basename } from 'node:path';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { execPath } from 'node:process';
import type { Readable, Writable } from 'node:stream';
import { compiledUrl } from '../support/compiled.js';

/** Runs code in a new process. The code can use the main export of an agent's file, or the given imports. */
export function startModule(
  name: string,
  code: string,
  imported = `{ ${basename(name)} }`,
): ChildProcessByStdio<Writable, Readable, null> {
  const script = `import ${imported} from ${JSON.stringify(compiledUrl(`src/agent/${name}.ts`))};\n${code}`;
  return spawn(execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}
