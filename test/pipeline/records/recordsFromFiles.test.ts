import { join } from 'node:path';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { count, firstValueFrom, lastValueFrom, pipe, repeat, take, toArray, type Observable } from 'rxjs';
import { decodeTextLine } from '../../../operators/decodeTextLine.js';
import { decodeTFRecord } from '../../../operators/decodeTFRecord.js';
import { decompress } from '../../../operators/decompress.js';
import { prefetch } from '../../../operators/prefetch.js';
import { report } from '../../../operators/report.js';
import { encodeRecordIO } from '../../../src/formats/recordio/encodeRecordIO.js';
import type { WritableRecordFormat } from '../../../src/formats/recordFormats.js';
import { recordsFromFiles } from '../../../src/pipeline/records/recordsFromFiles.js';
import { collectWarnings } from '../../support/collectWarnings.js';
import { nextTurn, until } from '../../support/fifoWriter.js';
import { consumeByHand } from '../../../src/testing/consumeByHand.js';
import { descriptorsBelow } from '../../support/openHandles.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { textsOf, tfRecords, writeFiles } from '../recordFiles.js';

const newFolder = temporaryFolders();

function folderOf(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = newFolder();
  writeFiles(folder, files);
  return folder;
}

/** Makes the files `0.tf`, `1.tf`, …, each with records `file.record`. */
function manyFiles(files: number, records: number): string {
  const texts = (file: number): string[] => Array.from({ length: records }, (_, record) => `${file}.${record}`);
  const name = (file: number): string => `${String(file).padStart(3, '0')}.tf`;
  return folderOf(
    Object.fromEntries(Array.from({ length: files }, (_, file) => [name(file), tfRecords(...texts(file))])),
  );
}

const TFRECORD = { recordFormat: 'TFRecord' } as const;

describe('recordsFromFiles', () => {
  it('has stages in a report with names that its user knows', async () => {
    const watched = report();
    await lastValueFrom(recordsFromFiles(manyFiles(2, 3), TFRECORD).pipe(watched));
    expect(watched.read().stages.map(({ name }) => name)).toEqual(['list of files', 'files', 'decodeTFRecord']);
  });

  it('reads the files of a folder one after the other, in the order of their paths', async () => {
    const folder = folderOf({ 'b.tf': tfRecords('2', '3'), 'a/z.tf': tfRecords('0', '1'), empty: '' });
    expect(await textsOf(recordsFromFiles(folder, TFRECORD))).toEqual(['0', '1', '2', '3']);
  });

  it('reads the matches of a pattern, and the files of an array in order', async () => {
    const folder = folderOf({ 'a.tf': tfRecords('a'), 'b.tf': tfRecords('b'), 'c.csv': 'c' });
    expect(await textsOf(recordsFromFiles(join(folder, '*.tf'), TFRECORD))).toEqual(['a', 'b']);
    const named = [join(folder, 'b.tf'), join(folder, '[a].*')];
    expect(await textsOf(recordsFromFiles(named, TFRECORD))).toEqual(['b', 'a']);
  });

  it.each<[WritableRecordFormat, Uint8Array | string]>([
    ['TFRecord', tfRecords('one', 'two')],
    ['RecordIO', Buffer.concat([encodeRecordIO(Buffer.from('one')), encodeRecordIO(Buffer.from('two'))])],
    ['TextLine', 'one\r\ntwo'],
  ])('decodes %s by its name', async (recordFormat, bytes) => {
    expect(await textsOf(recordsFromFiles(folderOf({ file: bytes }), { recordFormat }))).toEqual(['one', 'two']);
  });

  it('accepts any decoder, and infers the type of its records', async () => {
    const folder = folderOf({ a: 'one\ntwo', b: 'three\n' });
    const lines$: Observable<string> = recordsFromFiles(folder, { recordFormat: decodeTextLine({ encoding: 'utf8' }) });
    expect(await firstValueFrom(lines$.pipe(toArray()))).toEqual(['one', 'two', 'three']);
    // @ts-expect-error: with the name of the format, records are bytes.
    const wrong$: Observable<string> = recordsFromFiles(folder, { recordFormat: 'TextLine' });
    expect(await firstValueFrom(wrong$.pipe(count()))).toBe(3);
  });

  it('decompresses files by name, and all files if the decoder does', async () => {
    const bytes = tfRecords('one', 'two');
    const folder = folderOf({ 'a.tf.gz': gzipSync(bytes), 'b.tf': bytes, 'c.GZ': gzipSync(bytes) });
    expect(await textsOf(recordsFromFiles(folder, TFRECORD))).toEqual(['one', 'two', 'one', 'two', 'one', 'two']);
    const unnamed = folderOf({ a: gzipSync(bytes), b: bytes });
    const recordFormat = pipe(decompress('auto'), decodeTFRecord());
    expect(await textsOf(recordsFromFiles(unnamed, { recordFormat }))).toEqual(['one', 'two', 'one', 'two']);
  });

  it('detects the compression of files by their content', async () => {
    const bytes = tfRecords('one', 'two');
    const files = {
      a: bytes,
      b: gzipSync(bytes),
      c: deflateSync(bytes),
      d: bytes,
      e: '',
      'f.br': brotliCompressSync(bytes),
    };
    const read = textsOf(recordsFromFiles(folderOf(files), TFRECORD));
    expect(await read).toEqual(Array(5).fill(['one', 'two']).flat());
  });

  it.each([
    ['gzip', gzipSync],
    ['zlib', deflateSync],
  ])('reads %s under a name of brotli by its content, and warns', async (format, compress) => {
    const folder = folderOf({ 'a.br': compress(tfRecords('one')), 'b.br': compress(tfRecords('two'.repeat(1000))) });
    const warnings = await collectWarnings(async () => {
      expect(await textsOf(recordsFromFiles(folder, TFRECORD))).toEqual(['one', 'two'.repeat(1000)]);
    });
    const message = expect.stringContaining(`a.br has the extension of brotli, but its content is ${format}`);
    expect(warnings).toEqual([{ code: 'MILLRACE_COMPRESSION', message }]);
  });

  it.each([
    ['short', () => 'a'],
    ['long', (at: number) => String.fromCharCode(97 + (((at * at * 7919) % 251) % 26))],
  ])('reads %s brotli that begins like gzip', async (_, letterAt) => {
    const text = Array.from({ length: 2188 }, (__, at) => letterAt(at)).join('');
    const params = { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_QUALITY]: 5 };
    const bytes = brotliCompressSync(text, { params });
    expect(bytes.subarray(0, 4).toString('hex')).toBe('1f8b0800');
    expect(await textsOf(recordsFromFiles(folderOf({ 'a.br': bytes }), { recordFormat: 'TextLine' }))).toEqual([text]);
  });

  it('reads bytes that were compressed twice as its error says', async () => {
    const folder = folderOf({ 'a.gz': gzipSync(gzipSync('one')) });
    await expect(textsOf(recordsFromFiles(folder, { recordFormat: 'TextLine' }))).rejects.toThrow(
      /compressed twice: put two decompress\('gzip'\) before the decoder/,
    );
    const recordFormat = pipe(decompress('gzip'), decompress('gzip'), decodeTextLine());
    expect(await textsOf(recordsFromFiles(folder, { recordFormat }))).toEqual(['one']);
  });

  it('leaves the decompression to a decoder that begins with decompress', async () => {
    const bytes = tfRecords('one');
    const folder = folderOf({ a: gzipSync(bytes), 'b.gz': gzipSync(bytes) });
    const recordFormat = pipe(decompress('gzip'), decodeTFRecord());
    expect(await textsOf(recordsFromFiles(folder, { recordFormat }))).toEqual(['one', 'one']);
    const twice = recordsFromFiles(folder, { recordFormat, compression: 'gzip' });
    await expect(textsOf(twice)).rejects.toThrow(/already decompressed.*compression: 'none'/);
  });

  it('refuses plain content under a compressed name, with the remedy', async () => {
    const folder = folderOf({ 'a.gz': tfRecords('one') });
    await expect(textsOf(recordsFromFiles(folder, TFRECORD))).rejects.toThrow(/a\.gz .*compression: 'none'/);
    expect(await textsOf(recordsFromFiles(folder, { ...TFRECORD, compression: 'none' }))).toEqual(['one']);
  });

  it('reads zlib under a name of gzip by its content, and warns once', async () => {
    const bytes = deflateSync(tfRecords('one'));
    const folder = folderOf({ 'a.gz': bytes, 'b.gz': bytes });
    const warnings = await collectWarnings(async () => {
      expect(await textsOf(recordsFromFiles(folder, TFRECORD))).toEqual(['one', 'one']);
    });
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/a\.gz has the extension of gzip, but its content is zlib/),
    ]);
  });

  it('can take records of several files in turn', async () => {
    const folder = manyFiles(3, 2);
    const two = { ...TFRECORD, cycleLength: 2 };
    expect(await textsOf(recordsFromFiles(folder, two))).toEqual(['0.0', '1.0', '0.1', '1.1', '2.0', '2.1']);
    expect(await textsOf(recordsFromFiles(folder, { ...two, blockLength: 2 }))).toEqual([
      '0.0',
      '0.1',
      '1.0',
      '1.1',
      '2.0',
      '2.1',
    ]);
  });

  it('reorders the files before each epoch by the seed, the same in every run', async () => {
    const folder = manyFiles(8, 2);
    const epochs = async (shuffleSeed: number): Promise<string[][]> => {
      const records$ = recordsFromFiles(folder, { ...TFRECORD, shuffleSeed });
      return [await textsOf(records$), await textsOf(records$), await textsOf(records$)];
    };
    const [first, again, other] = [await epochs(7), await epochs(7), await epochs(8)];
    expect(first).toEqual(again);
    const ordered = await textsOf(recordsFromFiles(folder, TFRECORD));
    const orders = [...first, ...other, ordered].map((texts) => texts.join());
    expect(new Set(orders).size).toBe(7);
    for (const texts of first) {
      expect([...texts].sort()).toEqual(ordered);
      // The records of a file are consecutive.
      expect(texts.filter((text, index) => index % 2 === 0 && texts[index + 1] !== text.replace(/0$/, '1'))).toEqual(
        [],
      );
    }
  });

  it('refuses a file that ends inside a record, by its name, after all before it', async () => {
    const whole = tfRecords('one', 'two');
    const folder = folderOf({ 'a.tf': whole, 'b.tf': whole.subarray(0, -1), 'c.tf': whole });
    for (const cycleLength of [1, 2]) {
      const consumer = consumeByHand(recordsFromFiles(folder, { ...TFRECORD, cycleLength }), { isOpen: true });
      await until(() => consumer.ending() !== undefined);
      expect(consumer.items).toHaveLength(3);
      expect(consumer.ending()).toMatchObject({
        name: 'FormatError',
        kind: 'truncated',
        code: 'ERR_FORMAT_TRUNCATED',
        byteOffset: whole.length / 2,
        recordIndex: 1,
        message: expect.stringContaining(`the file ${join(folder, 'b.tf')} is truncated`),
        cause: expect.objectContaining({ kind: 'truncated' }),
      });
      await until(() => descriptorsBelow(folder).length === 0);
    }
  });

  it('names the file that is damaged, or badly compressed', async () => {
    const damaged = tfRecords('one');
    damaged[12]! ^= 1;
    const first = folderOf({ 'a.tf': damaged });
    await expect(textsOf(recordsFromFiles(first, TFRECORD))).rejects.toThrow(
      /a\.tf is damaged, or has a different format: the checksum of 3 bytes of data is wrong/,
    );
    const second = folderOf({ 'a.tf.gz': gzipSync(tfRecords('one')).subarray(0, -3) });
    await expect(textsOf(recordsFromFiles(second, TFRECORD))).rejects.toThrow(
      /gzip: the file .*a\.tf\.gz is truncated/,
    );
  });

  it('leaves out the header of each file, compressed or not, with several files open', async () => {
    const folder = folderOf({ 'a.csv': 'x,y\n1,2\n3,4\n', 'b.csv.gz': gzipSync('x,y\r\n5,6\r\n'), 'c.csv': 'x,y' });
    const recordFormat = decodeTextLine({ skipLines: 1 });
    expect(await textsOf(recordsFromFiles(folder, { recordFormat }))).toEqual(['1,2', '3,4', '5,6']);
    expect(await textsOf(recordsFromFiles(folder, { recordFormat, cycleLength: 3 }))).toEqual(['1,2', '5,6', '3,4']);
  });

  it("repeats the reader's cause and remedy", async () => {
    const folder = folderOf({ 'a.tfrecord': gzipSync(tfRecords('one')) });
    await expect(textsOf(recordsFromFiles(folder, { ...TFRECORD, compression: 'none' }))).rejects.toThrow(
      /a\.tfrecord .*the bytes look like gzip: if compression: 'none' is set, remove this option; .*; otherwise, put decompress\('gzip'\) before the decoder/,
    );
  });

  it('opens only the files that it reads, and only when wanted', async () => {
    const folder = manyFiles(50, 3);
    for (const cycleLength of [1, 4]) {
      const records$ = recordsFromFiles(folder, { ...TFRECORD, cycleLength });
      const consumer = consumeByHand(records$, { onItem: (_record, gate) => gate.close() });
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      expect(descriptorsBelow(folder)).toEqual([]);
      for (let wanted = 1; wanted <= 30; wanted++) {
        consumer.gate.open();
        await until(() => consumer.items.length === wanted);
        expect(descriptorsBelow(folder).length).toBeLessThanOrEqual(cycleLength);
      }
      consumer.subscription.unsubscribe();
      await until(() => descriptorsBelow(folder).length === 0);
    }
  });

  it('closes its files when downstream has enough, at any point', async () => {
    const folder = manyFiles(10, 3);
    for (const cycleLength of [1, 3]) {
      await lastValueFrom(recordsFromFiles(folder, { ...TFRECORD, cycleLength }).pipe(prefetch(2), take(5)));
      await until(() => descriptorsBelow(folder).length === 0);
    }
    recordsFromFiles(folder, TFRECORD).subscribe().unsubscribe();
    await nextTurn();
    await until(() => descriptorsBelow(folder).length === 0);
  });

  it('reads the files anew at each subscription', async () => {
    const folder = manyFiles(2, 2);
    const records$ = recordsFromFiles(folder, TFRECORD).pipe(repeat(2));
    expect(await textsOf(records$)).toHaveLength(8);
    writeFiles(folder, { 'more.tf': tfRecords('more') });
    expect(await textsOf(records$)).toHaveLength(10);
  });

  it('notifies an error if there is nothing to read', async () => {
    const folder = newFolder();
    for (const pattern of [folder, join(folder, '*.tf')]) {
      await expect(textsOf(recordsFromFiles(pattern, TFRECORD))).rejects.toMatchObject({
        code: 'ERR_CHANNEL_EMPTY',
        path: pattern,
      });
    }
    const none = join(folder, 'none.tf');
    await expect(textsOf(recordsFromFiles(none, TFRECORD))).rejects.toMatchObject({ errno: 'ENOENT', path: none });
  });

  it('ends with the signal’s reason when it is aborted', async () => {
    const reason = new Error('enough');
    const folder = manyFiles(1, 1);
    const aborted$ = recordsFromFiles(folder, { ...TFRECORD, signal: AbortSignal.abort(reason) });
    await expect(textsOf(aborted$)).rejects.toBe(reason);
  });

  it('throws at the call for bad arguments', () => {
    const wrong = [
      ['', TFRECORD, 'patterns'],
      [[], TFRECORD, 'patterns'],
      ['a', { recordFormat: 'CSV' }, 'recordFormat'],
      ['a', {}, 'recordFormat'],
      ['a', { ...TFRECORD, cycleLength: 0 }, 'cycleLength'],
      ['a', { ...TFRECORD, shuffleSeed: -1 }, 'shuffleSeed'],
      ['a', { ...TFRECORD, pattern: 'a' }, ''],
      ['a', { ...TFRECORD, patterns: 'b' }, ''],
    ] as const;
    for (const [patterns, options, path] of wrong) {
      expect(() => recordsFromFiles(patterns, options as typeof TFRECORD)).toThrow(
        expect.objectContaining({ code: 'ERR_CONFIG', path }),
      );
    }
  });
});
