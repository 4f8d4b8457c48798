import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { execPath } from 'node:process';

/** Reads Node.js's own file of about 100 MB, and prints the number of bytes. */
const PROGRAM = `
  import { fromFile, toAsyncIterable } from 'millrace';
  let byteCount = 0;
  for await (const { byteLength } of toAsyncIterable(fromFile(process.execPath))) byteCount += byteLength;
  console.log(byteCount);
`;

describe('a pipeline', () => {
  // Code that sets a V8 flag, or expects the garbage collector under one name, fails with these flags.
  it.each(['--freeze-flags-after-init', '--expose-gc-as=collect'])('runs under %s', (flag) => {
    const args = [flag, '--input-type=module', '--eval', PROGRAM];
    expect(execFileSync(execPath, args, { encoding: 'utf8' })).toBe(`${statSync(execPath).size}\n`);
  });
});
