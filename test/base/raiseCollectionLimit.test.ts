import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { compiledUrl } from '../support/compiled.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const MIB = 2 ** 20;
const hasThisLimit = Number.parseInt(process.versions.v8, 10) < 13;

/** Reads a file in another process, and returns how often V8 collected the whole heap after the first 128 MiB. */
function wholeCollections(byteLength: number): number {
  const file = join(newFolder(), 'zeros');
  writeFileSync(file, '');
  truncateSync(file, byteLength);
  const program = `
    import { constants, PerformanceObserver } from 'node:perf_hooks';
    import { fromFile } from '${compiledUrl('lib/index.js')}';
    let read = 0;
    let count = 0;
    new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries()) {
        if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR && read > ${128 * MIB}) count++;
      }
    }).observe({ entryTypes: ['gc'] });
    fromFile(${JSON.stringify(file)}).subscribe({
      next: (chunk) => { read += chunk.length; },
      complete: () => setTimeout(() => console.log(count)),
    });`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }));
}

describe('raiseCollectionLimit', () => {
  (hasThisLimit ? it : it.skip)('lets V8 collect the whole heap at most twice while 512 MiB are read', () => {
    expect(wholeCollections(512 * MIB)).toBeLessThanOrEqual(2);
  });
});
