import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { writeReports } from './writeReports.js';
import { testsFolder } from './testsFolder.js';

/** Returns a function that makes a folder. All folders are removed after the test. */
export function temporaryFolders(): () => string {
  const folders: string[] = [];
  afterEach(() => {
    if (folders.length > 0) writeReports();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(testsFolder, 'millrace-test-'));
    folders.push(folder);
    return folder;
  };
}
