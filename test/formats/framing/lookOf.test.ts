import { deflateSync, gzipSync } from 'node:zlib';
import { encodeRecordIO } from '../../../src/formats/recordio/encodeRecordIO.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { RecordIOReader } from '../../../src/formats/recordio/recordIOReader.js';
import { TFRecordReader } from '../../../src/formats/tfrecord/tfRecordReader.js';
import { readAll } from '../support/readAll.js';
import { fixtureBytes } from '../support/fixtures.js';

const record = encodeTFRecord(Buffer.from('one record'));
const part = encodeRecordIO(Buffer.from('one record'));
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const messageOf = (reader: TFRecordReader | RecordIOReader, ...parts: Uint8Array[]) =>
  readAll(reader, [new Uint8Array(Buffer.concat(parts))]).error?.message;

describe('lookOf', () => {
  it.each<[string, Uint8Array, string]>([
    [
      'gzip',
      gzipSync(record),
      "look like gzip: if compression: 'none' is set, remove this option; if the bytes come from a channel, set CompressionType Gzip; otherwise, put decompress('gzip') before the decoder",
    ],
    ['zlib', deflateSync(record), "look like zlib: put decompress('zlib') before the decoder"],
    ['RecordIO', part, 'look like RecordIO: use the recordFormat RecordIO, or decodeRecordIO'],
    ['a PNG', png, 'look like a PNG image ('],
    ['LZ4', Buffer.from('04224d1864704cb7010000004f6e6500', 'hex'), 'look like LZ4 ('],
    ['UTF-16', Buffer.from('\ufeffone line', 'utf16le'), 'look like UTF-16 text ('],
    [
      'text',
      Buffer.from('<?xml version="1.0"?><Error/>'),
      'look like text ("<?xml version=\\"1.0\\"?><Error/>"): check that this is the right',
    ],
    ['text of one line', Buffer.from('Not Found'), 'look like text ("Not Found")'],
    ['text cut in a character', Buffer.from('naïve café, naïve café').subarray(0, 12), 'look like text ("naïve café")'],
    ['zeros', new Uint8Array(64), 'only zero bytes follow: the file may be preallocated'],
    [
      'bytes of no kind',
      Uint8Array.from({ length: 40 }, (_, at) => 200 - at),
      'the content may not be TFRecord, or may be compressed',
    ],
  ])('tells a reader of TFRecord that the input is %s', (_name, input, hint) => {
    expect(messageOf(new TFRecordReader(), input)).toContain(hint);
  });

  it('makes a RecordIO reader report that the input is TFRecord', () => {
    expect(messageOf(new RecordIOReader(), record)).toContain(
      'look like TFRecord: use the recordFormat TFRecord, or decodeTFRecord',
    );
  });

  it('knows the compressed fixtures', () => {
    expect(messageOf(new TFRecordReader(), fixtureBytes('tfrecord/gzip.tfrecord.gz'))).toContain('look like gzip');
    expect(messageOf(new TFRecordReader(), fixtureBytes('tfrecord/zlib.tfrecord.z'))).toContain('look like zlib');
  });

  it('says after the first record that the one before may be cut', () => {
    const cut = messageOf(new TFRecordReader(), record, record.subarray(0, 5), record);
    expect(cut).toContain('the previous record may be truncated, or a new file begins here (record 1');
    expect(cut).not.toContain('decompressed');
    expect(messageOf(new RecordIOReader(), part, gzipSync(part))).toMatch(/look like gzip.*a new file begins here/);
  });

  it('says that zeros follow the last record', () => {
    const message = messageOf(new TFRecordReader(), record, new Uint8Array(32));
    expect(message).toContain('only zero bytes follow: the file may be preallocated');
  });

  it('does not take a header that is cut for another format', () => {
    expect(messageOf(new TFRecordReader(), record, record.subarray(0, 9))).toBe(
      `TFRecord: the input ends 9 bytes after the start of a record (record 1, byte offset ${record.length})`,
    );
    expect(messageOf(new RecordIOReader(), part, part.subarray(0, 6))).toMatch(
      /6 bytes after the start of a record \(record 1/,
    );
  });

  it('shows no control character of the bytes', () => {
    const message = messageOf(new TFRecordReader(), Buffer.from('red\u202e \u009b31m \ufeff text'));
    expect(message).toContain('"red\\u202e \\u009b31m \\ufeff text"');
  });
});
