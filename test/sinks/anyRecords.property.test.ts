import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { writeRecords } from '../../src/sinks/writeRecords.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { all } from './support/numbered.js';

const newFolder = temporaryFolders();

/** Lines have no line ends. */
const lineBytes = fc.uint8Array({ maxLength: 50 }).map((bytes) => bytes.filter((byte) => byte !== 10 && byte !== 13));
const cases = fc.record({
  recordFormat: fc.constantFrom('TFRecord', 'RecordIO', 'TextLine'),
  records: fc.array(lineBytes, { maxLength: 40 }),
  recordsPerFile: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
  bytesPerFile: fc.option(fc.integer({ min: 1, max: 2000 }), { nil: undefined }),
  ending: fc.constantFrom('', '.gz'),
});

describe('writeRecords, for any records, formats and limits', () => {
  it('writes what recordsFromFiles reads back, within the limits', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ recordFormat, records, recordsPerFile, bytesPerFile, ending }) => {
        const folder = newFolder();
        const options = { recordFormat, recordsPerFile, bytesPerFile } as const;
        const manifest = await writeRecords(fromIterable(records), join(folder, `a-{shard}${ending}`), options);
        const paths = manifest.files.map(({ path }) => path);
        expect(await all(recordsFromFiles(paths, { recordFormat }))).toEqual(records);
        expect(await all(recordsFromFiles(join(folder, `a-*${ending}`), { recordFormat }))).toEqual(records);
        expect(manifest.records).toBe(records.length);
        for (const file of manifest.files) {
          expect(file.records).toBeLessThanOrEqual(recordsPerFile ?? Infinity);
          const isWithin = file.bytes <= (bytesPerFile ?? Infinity) || file.records <= 1 || ending === '.gz';
          expect(isWithin).toBe(true);
        }
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 30 },
    );
  });
});
