import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { execPath } from 'node:process';

/** Reads a file of some 100 MB, Node's own, and prints how many bytes came. */
const PROGRAM = `
  import { fromFile, toAsyncIterable } from './dist/src/index.js';
  let byteCount = 0;
  for await (const { byteLength } of toAsyncIterable(fromFile(process.execPath))) byteCount += byteLength;
  console.log(byteCount);
`;

describe('a pipeline', () => {
  // Code that sets a flag of V8, or expects its collector under one name, dies under these.
  it.each(['--freeze-flags-after-init', '--expose-gc-as=collect'])('runs under %s', (flag) => {
    const args = [flag, '--input-type=module', '--eval', PROGRAM];
    expect(execFileSync(execPath, args, { encoding: 'utf8' })).toBe(`${statSync(execPath).size}\n`);
  });
});
