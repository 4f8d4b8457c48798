import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { withoutPackages } from '../../support/withoutPackages.js';
import { parquetBytes } from './support/parquetFiles.js';

const newFolder = temporaryFolders();
const INSTALL = 'npm install hyparquet hyparquet-compressors';

/** Reads a file compressed with Snappy in a process without a package. Returns the error. */
function readWithout(name: string): unknown {
  const path = join(newFolder(), 'file.parquet');
  writeFileSync(path, parquetBytes([{ name: 'id', data: [1, 2], type: 'INT32' }], { codec: 'SNAPPY' }));
  const program = `
    import { fromParquet } from 'millrace/parquet';
    fromParquet(${JSON.stringify(path)}).subscribe({
      error: ({ name, message }) => console.log(JSON.stringify({ name, message })),
    });`;
  const args = [withoutPackages(name), '--input-type=module', '--eval', program];
  return JSON.parse(execFileSync(execPath, args, { encoding: 'utf8' }));
}

describe('fromParquet', () => {
  it('says what to install if there is no hyparquet', () => {
    expect(readWithout('hyparquet')).toEqual({
      name: 'ConfigError',
      message: `fromParquet needs the package hyparquet: ${INSTALL}`,
    });
  });

  it('says what to install if a codec needs hyparquet-compressors', () => {
    expect(readWithout('hyparquet-compressors')).toEqual({
      name: 'ConfigError',
      message: `fromParquet: the compression SNAPPY needs the package hyparquet-compressors: ${INSTALL}`,
    });
  });
});
