import { describe, expect, it, jest } from '@jest/globals';
import { fromParquet } from '../../../src/pipeline/parquet/fromParquet.js';
import { errorOf, numberedRows, parquetBytes, STORED, storeOf } from './support/parquetFiles.js';

const found = await import('hyparquet');
let isInstalled = true;

jest.unstable_mockModule('hyparquet-compressors', () => {
  throw new Error("Cannot find package 'hyparquet-compressors'");
});
jest.unstable_mockModule('hyparquet', () => {
  if (!isInstalled) throw new Error("Cannot find package 'hyparquet'");
  return found;
});

const INSTALL = 'npm install hyparquet hyparquet-compressors';

describe('fromParquet', () => {
  it('says what to install if there is no hyparquet', async () => {
    isInstalled = false;
    expect(await errorOf(fromParquet(STORED, { store: storeOf(numberedRows(1, 1)) }))).toMatchObject({
      name: 'ConfigError',
      message: `fromParquet needs the package hyparquet: ${INSTALL}`,
    });
  });

  it('says what to install if a codec needs hyparquet-compressors', async () => {
    isInstalled = true;
    const bytes = parquetBytes([{ name: 'id', data: [1, 2], type: 'INT32' }], { codec: 'SNAPPY' });
    expect(await errorOf(fromParquet(STORED, { store: storeOf(bytes) }))).toMatchObject({
      name: 'ConfigError',
      message: `fromParquet: the compression SNAPPY needs the package hyparquet-compressors: ${INSTALL}`,
    });
  });
});
