import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CASES } from '../../bench/cases.js';
import { withDataFiles } from '../../bench/dataFile.js';
import { RecordIOReader } from '../../src/formats/recordio/recordIOReader.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const MEBIBYTE = 1024 * 1024;
const temporaryFolder = temporaryFolders();

function countRecords(bytes: Uint8Array): number {
  const reader = new RecordIOReader();
  reader.push(bytes);
  let records = 0;
  while (reader.read() !== undefined) records++;
  reader.end();
  return records;
}

describe('withDataFiles', () => {
  const { record } = CASES['recordio-512k'];
  const spec = { record, byteLength: 8 * MEBIBYTE, warmUpByteLength: 4 * MEBIBYTE };

  it('writes whole records, as many as it says', async () => {
    const folder = temporaryFolder();
    const { bytes, measured } = await withDataFiles({ ...spec, folder }, ({ measured }) =>
      Promise.resolve({ bytes: readFileSync(measured.path), measured }),
    );
    expect(bytes.byteLength).toBe(measured.byteLength);
    expect(countRecords(bytes)).toBe(measured.records);
  });

  it('says how much space is missing before it writes', async () => {
    const folder = temporaryFolder();
    const none = withDataFiles({ ...spec, byteLength: 1e18, folder }, () => Promise.reject(new Error('written')));
    await expect(none).rejects.toThrow(
      /^\/.* has \d+ MB of free space, but needs 1000000000005 MB: free some space\.$/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves nothing behind, also where the work fails', async () => {
    const folder = temporaryFolder();
    const failed = withDataFiles({ ...spec, folder }, ({ warmUp }) => {
      expect(readdirSync(folder)).toContain('warm-up');
      return Promise.reject(new Error(`stopped at ${warmUp.records}`));
    });
    await expect(failed).rejects.toThrow('stopped at 8');
    expect(readdirSync(folder)).toEqual([]);
  });
});
