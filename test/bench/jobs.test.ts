import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CASES, floatsExample, readmeExample } from '../../bench/cases.js';
import { encodeImages } from '../../bench/imageCases.js';
import { JOBS } from '../../bench/jobs.js';
import { PARQUET_CASES, PASSES, writeParquet } from '../../bench/parquetCases.js';
import { RIVALS } from '../../bench/rivals.js';
import { headerOf, TABLES } from '../../bench/tableCases.js';
import { encodeRecordIO } from '../../src/formats/recordio/encodeRecordIO.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { fromFile } from '../../src/sources/fromFile.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

/** One batch and a part of another. */
const RECORDS = 70;
const temporaryFolder = temporaryFolders();

/** Returns the count of a job for a file with this many different records. */
async function countOf(job: string, record: (index: number) => Uint8Array): Promise<number | undefined> {
  const path = join(temporaryFolder(), 'records');
  writeFileSync(path, Buffer.concat(Array.from({ length: RECORDS }, (_, index) => record(index))));
  const bytes$ = fromFile(path, { chunkBytes: 65_536 });
  return JOBS.get(job)?.({ bytes$, path });
}

describe('JOBS', () => {
  it.each(Object.entries(CASES))('%s counts every record of its data', async (name, { record }) => {
    expect(await countOf(name, record)).toBe(RECORDS);
  });

  it.each(Object.keys(RIVALS))('the rival %s counts every example', async (name) => {
    expect(await countOf(name, readmeExample)).toBe(RECORDS);
  });

  it('the jobs with tf.data count every record', async () => {
    const images = await encodeImages();
    expect(await countOf('tf-data shuffled', readmeExample)).toBe(RECORDS);
    const image = (index: number): Uint8Array => images[index % images.length] as Uint8Array;
    expect(await countOf('tf-data images', (index) => encodeTFRecord(image(index)))).toBe(RECORDS);
    for (const name of ['images', 'images sharp']) {
      expect(await countOf(name, (index) => encodeRecordIO(image(index)))).toBe(RECORDS);
    }
  });

  it.each(Object.entries(TABLES))('%s counts every row', async (name, table) => {
    const line = (index: number): Uint8Array => Buffer.from(`${index < 0 ? headerOf(table) : table.row(index)}\n`);
    expect(await countOf(name, (index) => line(index - 1))).toBe(RECORDS - 1);
  });

  it.each(Object.keys(PARQUET_CASES))('%s counts every row', async (name) => {
    const path = join(temporaryFolder(), 'rows.parquet');
    writeParquet(path, name, RECORDS);
    expect(await JOBS.get(name)?.({ bytes$: fromFile(path), path })).toBe(PASSES * RECORDS);
  });

  it('a slow consumer counts every example', async () => {
    expect(await countOf('slow-consumer', floatsExample)).toBe(RECORDS);
  });
});

describe('CASES', () => {
  it('differ from record to record, so that nothing is measured that only looks at one', () => {
    for (const { record } of Object.values(CASES)) expect(record(1)).not.toEqual(record(2));
  });

  it('are all in the table of the README', () => {
    const readme = readFileSync('bench/README.md', 'utf8');
    for (const name of Object.keys(CASES)) expect(readme).toContain(`\`${name}\``);
  });
});
