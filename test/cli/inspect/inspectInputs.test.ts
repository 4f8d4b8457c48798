import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { encodeRecordIO } from '../../../src/formats/recordio/encodeRecordIO.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { RangeServer } from '../../stores/support/rangeServer.js';
import { MILLRACE } from '../../support/compiled.js';
import { makeFifo } from '../../support/fifoWriter.js';
import { temporaryFolders } from '../../agent/temporaryJob.js';
import { runMillrace } from '../runMillrace.js';

const folderOf = temporaryFolders();
const PNG = Buffer.from('89504e470d0a1a0a0000000d494844520000001c00000012', 'hex');

const inspect = (cwd: string, ...args: string[]) => runMillrace(['inspect', ...args], { cwd });

async function jsonOf(cwd: string, ...args: string[]) {
  const { stdout } = await inspect(cwd, '--json', ...args);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const example = (label: number): Uint8Array => encodeTFRecord(encodeExample({ label: { int64List: [label] } }));

describe('millrace inspect --limit of a URL', () => {
  it('requests 1 MiB at a time', async () => {
    const server = await RangeServer.start();
    const url = server.serve('/a.txt', { bytes: Buffer.alloc(20_000_000, 'a line\n'), etag: '"1"' });
    const { stdout } = await inspect('.', '--limit', '10', url);
    await server.stop();
    expect(stdout).toContain('10 records');
    // The response to the first byte contains the size.
    expect(server.ranges).toEqual(['bytes=0-0', 'bytes=0-1048575']);
  });
});

describe('millrace inspect with several inputs', () => {
  it('treats the files of a pattern as one data set, and names the file of each record', async () => {
    const folder = folderOf({ 'a/0.tfrecord': example(0), 'a/1.tfrecord': example(1), 'a/note.txt': 'x' });
    const { stdout } = await inspect(folder, 'a/*.tfrecord');
    expect(stdout).toContain('record 0 of a/1.tfrecord, 18 bytes:\n  label: int64 1\n');
    expect(stdout).toContain('\n2 records in 68 bytes of 2 files\n');
    expect(await jsonOf(folder, 'a/*.tfrecord')).toMatchObject([{ records: 2, files: 2, content: 'tf.train.Example' }]);
  });

  it('reports each format of a folder separately', async () => {
    const folder = folderOf({
      'x/0.tfrecord': example(0),
      'x/1.png': PNG,
      'x/2.csv': '1,2\n3,4\n',
      'x/3.jsonl': '{}\n',
    });
    expect(await jsonOf(folder, 'x')).toMatchObject([
      { format: 'TFRecord', content: 'tf.train.Example' },
      { format: null, content: 'PNG image', decoder: 'decodeImage' },
      { format: 'TextLine', content: 'CSV' },
      { format: 'TextLine', content: 'JSON' },
    ]);
  });

  it('does not count the header of a file as data', async () => {
    const folder = folderOf({ '0.csv': 'id,w\n1,0.5\n', '1.csv': 'id,w\n2,0.25\n' });
    expect(await jsonOf(folder, '0.csv', '1.csv')).toMatchObject([
      { header: ['id', 'w'], features: { id: 'int32', w: 'float32' } },
    ]);
  });

  it('continues after a file that it cannot read, and ends with 1', async () => {
    const folder = folderOf({ '0.bin': Buffer.from([1, 2, 3]), '1.tfrecord': example(0) });
    const { exitCode, stdout, stderr } = await inspect(folder, '0.bin', '1.tfrecord');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('TFRecord of tf.train.Example\n1 record');
    expect(stderr).toMatch(/^millrace: 0\.bin: .* is not text .*\n$/);
  });

  it.each([['ffd'], ['ffd/*'], ['ffd/f[f]']])(
    'says that a FIFO in %s is not a regular file, and does not wait',
    async (input) => {
      const folder = folderOf({ 'ffd/a.txt': '1\n' });
      makeFifo(join(folder, 'ffd', 'ff'));
      const { exitCode, stderr } = await inspect(folder, input);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^millrace: ffd\/ff is not a regular file\. [^\n]*\n$/);
    },
  );

  it('reports a pattern that matches no file, and reads the other inputs', async () => {
    const { exitCode, stdout, stderr } = await inspect(folderOf({ 'a.txt': 'x\n' }), 'none*', 'a.txt', 'b*');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('line 1 of a.txt, 1 bytes: "x"\n');
    expect(stderr).toMatch(/^millrace: No file matches none\*\. .*\nmillrace: No file matches b\*\. .*\n$/);
  });

  it.each([
    ['Parquet', Buffer.from('PAR1\x15\x04\x15\x10')],
    ['UTF-16LE', Buffer.from('\ufeffid,name\n', 'utf16le')],
    ['UTF-16LE', Buffer.from('id,name\n', 'utf16le')],
    ['bzip2', Buffer.from('425a68393141592653594eece83600', 'hex')],
    ['only with zeros', Buffer.alloc(100)],
  ])('names the unsupported format %s', async (name, content) => {
    const { exitCode, stderr } = await inspect(folderOf({ x: content }), 'x');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(name);
  });

  it('reports a byte order mark and omits it from the records', async () => {
    const folder = folderOf({ 'x.csv': '\ufeff1,2\n3,4\n', 'x.jsonl': '\ufeff{"a":1}\n{"b":2}\n' });
    const [csv, json] = await jsonOf(folder, 'x.csv', 'x.jsonl');
    expect(csv).toMatchObject({ content: 'CSV', features: { column1: 'int32', column2: 'int32' } });
    expect(json).toMatchObject({ content: 'JSON' });
    for (const { remarks } of [csv, json] as { remarks: string[] }[])
      expect(remarks.join()).toContain('byte order mark');
  });

  it('reports records in several parts', async () => {
    const magic = Buffer.from('0a23d7ce', 'hex');
    const [whole] = [encodeRecordIO(Buffer.concat([magic, magic]), { multipart: 'dmlc' })];
    const [{ remarks } = {}] = await jsonOf(folderOf({ 'x.rec': whole }), 'x.rec');
    expect(String(remarks)).toContain("decodeRecordIO({ multipart: 'dmlc' })");
  });
});

describe('the output of millrace inspect', () => {
  it('ends with an error of one line when the disk is full', () => {
    const folder = folderOf({ x: example(0) });
    const command = `"${execPath}" "${MILLRACE}" inspect x > /dev/full`;
    const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^millrace: Cannot write to standard output: the disk is full\.\n$/);
  });

  it('ends with an error of one line when its reader leaves', () => {
    const folder = folderOf({ x: Buffer.concat(Array.from({ length: 100_000 }, (_, label) => example(label))) });
    const command = `("${execPath}" "${MILLRACE}" inspect x --head 100000; echo $? >&2) | head -1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
    expect(stdout).toBe('record 0, 18 bytes:\n');
    expect(stderr).toBe('millrace: Cannot write to standard output: the reader has closed the output.\n1\n');
  });
});
