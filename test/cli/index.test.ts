import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { tfRecords, writeFiles } from '../pipeline/recordFiles.js';
import { numberedRows } from '../pipeline/parquet/support/parquetFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { runMillrace } from './runMillrace.js';

const newFolder = temporaryFolders();

function newData() {
  const folder = newFolder();
  writeFiles(folder, { 'data/a.tfrecord': tfRecords('one', 'two'), 'data/b.tfrecord': tfRecords('three') });
  const index = (...args: string[]) => runMillrace(['index', ...args], { cwd: folder });
  return { folder, index };
}

describe('millrace index', () => {
  it('writes an index with a line for each file, which --check compares', async () => {
    const { folder, index } = newData();
    const written = await index('data/*.tfrecord', '--to', 'i.json');
    expect(written).toEqual({
      exitCode: 0,
      stdout: 'i.json: 3 TFRecord records in 2 blocks of 2 files, 0.0 MB\n',
      stderr: '',
    });
    const text = readFileSync(join(folder, 'i.json'), 'utf8');
    expect(text.split('\n')[1]).toMatch(
      /^ {4}\{"name":"a.tfrecord","byteLength":38,"version":".*","blocks":\[\[0,2\]\]\},$/,
    );
    const checked = await index('data/*.tfrecord', '--to', 'i.json', '--check');
    expect(checked.stdout).toBe('i.json matches the files: 3 TFRecord records in 2 blocks of 2 files, 0.0 MB\n');
    expect(readFileSync(join(folder, 'i.json'), 'utf8')).toBe(text);
    const facts = { index: 'i.json', recordFormat: 'TFRecord', records: 3, blocks: 2, files: 2, bytes: 59 };
    for (const check of [[], ['--check']]) {
      const { stdout } = await index('data/*.tfrecord', '--to', 'i.json', '--json', ...check);
      expect(JSON.parse(stdout)).toEqual({ ...facts, isChecked: check.length > 0 });
    }
  });

  it.each([
    [
      'a longer file',
      { 'data/a.tfrecord': tfRecords('one', 'two', 'four') },
      'a.tfrecord has changed: expected 38 bytes (from the index), found 58',
    ],
    ['a new file', { 'data/c.tfrecord': tfRecords('four') }, 'c.tfrecord: the file is not in the index'],
    ['a missing file', {}, 'expected the file b.tfrecord (from the index), found no more files'],
  ])('--check names %s', async (what, files, difference) => {
    const { folder, index } = newData();
    await index('data', '--to', 'i.json');
    writeFiles(folder, files);
    const patterns = what === 'a missing file' ? 'data/a*' : 'data';
    const { exitCode, stderr } = await index(patterns, '--to', 'i.json', '--check');
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: `millrace: i.json does not match the files: ${difference}. Run millrace index without --check.\n`,
    });
  });

  it('--check names a file that was written again with the same size', async () => {
    const { folder, index } = newData();
    await index('data', '--to', 'i.json');
    utimesSync(join(folder, 'data/b.tfrecord'), 1, 1);
    const { stderr } = await index('data', '--to', 'i.json', '--check');
    expect(stderr).toContain('b.tfrecord has changed: expected the version "21 bytes, ');
  });

  it('--check names the options that can make other blocks', async () => {
    const { index } = newData();
    await index('data', '--to', 'i.json', '--block-bytes', '1');
    expect((await index('data', '--to', 'i.json', '--check')).stderr).toContain(
      'a.tfrecord: the positions of its records, or the options --block-bytes, --skip-lines or --idx, differ from the index',
    );
    expect((await index('data', '--to', 'i.json', '--check', '--block-bytes', '1')).exitCode).toBe(0);
  });

  it('leaves out header lines, and reads index files of tfrecord2idx', async () => {
    const { folder, index } = newData();
    writeFileSync(join(folder, 'rows.csv'), 'id\n1\n2\n');
    writeFileSync(join(folder, 'a.idx'), '0 19\n19 19\n');
    expect((await index('rows.csv', '--skip-lines', '1', '--to', 'i.json')).stdout).toContain('2 TextLine records');
    expect((await index('data/a*', '--idx', 'a.idx', '--to', 'i.json')).stdout).toContain('2 TFRecord records');
  });

  it('indexes the row groups of Parquet files', async () => {
    const { folder, index } = newData();
    writeFiles(folder, { 'rows/a.parquet': numberedRows(10, 4), 'rows/b.parquet': numberedRows(3, 4) });
    const rows = ['rows', '--to', 'i.json'];
    expect((await index(...rows)).stdout).toBe('i.json: 13 Parquet records in 4 blocks of 2 files, 0.0 MB\n');
    expect((await index(...rows, '--check')).stdout).toContain('i.json matches the files: 13 Parquet records');
    writeFiles(folder, { 'rows/b.parquet': numberedRows(4, 4) });
    expect((await index(...rows, '--check')).stderr).toContain('b.parquet has changed: expected ');
    const skipping = await index(...rows, '--skip-lines', '1');
    expect(skipping.stderr).toContain('a.parquet contains Parquet records, not lines: remove this option');
    expect((await index(...rows, '--block-bytes', '9')).stderr).toContain(
      'the blocks of a Parquet file are its row groups',
    );
  });

  it('refuses compressed files, headers of records, images, and an index among the data', async () => {
    const { folder, index } = newData();
    writeFileSync(join(folder, 'a.gz'), gzipSync('text'));
    const to = ['--to', 'i.json'];
    expect((await index('a.gz', ...to)).stderr).toContain('it is compressed with gzip');
    expect((await index('data', '--skip-lines', '1', ...to)).stderr).toContain('contains TFRecord records, not lines');
    expect((await index('data', '--to', 'data/i.json')).stderr).toContain('so it cannot be the output');
    expect((await index('data', ...to, '--check')).stderr).toContain('i.json cannot be read');
    expect(await index('data')).toMatchObject({ exitCode: 2 });
  });
});
