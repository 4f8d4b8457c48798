import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { contextFilter } from '../../../scripts/container/contextFilter.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const newFolder = temporaryFolders();

function isLetIn(ignored: string, path: string): boolean {
  const context = newFolder();
  const dockerfile = join(context, 'Dockerfile');
  writeFileSync(`${dockerfile}.dockerignore`, ignored);
  return contextFilter(context, dockerfile)(join(context, path));
}

describe('contextFilter', () => {
  it('keeps out a named path at the root and all below it, and nothing that only begins alike', () => {
    const paths = ['dist', 'dist/a.js', 'distance', 'packages/dist'];
    expect(paths.map((path) => isLetIn('# built\ndist/\n', path))).toEqual([false, false, true, true]);
  });

  it('keeps out a name after ** wherever it is', () => {
    const paths = ['node_modules', 'packages/node_modules/x', 'node_modules2'];
    expect(paths.map((path) => isLetIn('**/node_modules', path))).toEqual([false, false, true]);
  });

  it('refuses a pattern that it does not understand', () => {
    expect(() => isLetIn('*.log', 'a.log')).toThrow('*.log: expected a plain path, or **/ and a name.');
  });
});
