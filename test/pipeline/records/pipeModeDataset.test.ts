import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { count, lastValueFrom, repeat, type Observable } from 'rxjs';
import { decodeTextLine } from '../../../operators/decodeTextLine.js';
import { decodeTFRecord } from '../../../operators/decodeTFRecord.js';
import { encodeRecordIO } from '../../../src/formats/recordio/encodeRecordIO.js';
import { pipeModeDataset } from '../../../src/pipeline/records/pipeModeDataset.js';
import { collectWarnings } from '../../support/collectWarnings.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { TrainingTree } from '../../support/trainingTree.js';
import { textsOf, tfRecords } from '../recordFiles.js';

const newFolder = temporaryFolders();
const PIPE = { TrainingInputMode: 'Pipe' };
const jobWith = (config: unknown): TrainingTree => new TrainingTree(newFolder(), config);

/** The arguments with the folders of a tree. */
const foldersOf = ({ baseDir }: TrainingTree) => ({
  stateDir: join(baseDir, 'pipe_state'),
  pipeDir: join(baseDir, 'input/data'),
  configDir: join(baseDir, 'input/config'),
});

const recordIO = (text: string): Uint8Array => encodeRecordIO(Buffer.from(text));

describe('pipeModeDataset', () => {
  it('decodes RecordIO by default, and any format that is named', async () => {
    const tree = jobWith({ images: PIPE, records: PIPE, lines: PIPE });
    const fed = [
      tree.feed('images', [Buffer.concat([recordIO('one'), recordIO('two')])]),
      tree.feed('records', [tfRecords('one', 'two')]),
      tree.feed('lines', [Buffer.from('one\ntwo\n')]),
    ];
    const folders = foldersOf(tree);
    const expected = ['one', 'two'];
    expect(await textsOf(pipeModeDataset({ channel: 'images', ...folders }))).toEqual(expected);
    expect(await textsOf(pipeModeDataset({ channel: 'records', recordFormat: 'TFRecord', ...folders }))).toEqual(
      expected,
    );
    expect(await textsOf(pipeModeDataset({ channel: 'lines', recordFormat: 'TextLine', ...folders }))).toEqual(
      expected,
    );
    await Promise.all(fed);
  });

  it('can keep carriage returns, as PipeModeDataset does', async () => {
    const tree = jobWith({ lines: PIPE });
    const fed = tree.feed('lines', [Buffer.from('one\r\n')]);
    const recordFormat = decodeTextLine({ carriageReturns: 'keep' });
    expect(await textsOf(pipeModeDataset({ channel: 'lines', recordFormat, ...foldersOf(tree) }))).toEqual(['one\r']);
    await fed;
  });

  it('reads epoch after epoch, and a second one goes on at the next', async () => {
    const tree = jobWith({ training: PIPE });
    const fed = tree.feed('training', ['zero', 'one', 'two'].map(recordIO));
    const dataset = (): Observable<Uint8Array> => pipeModeDataset({ baseDir: tree.baseDir });
    expect(await textsOf(dataset().pipe(repeat(2)))).toEqual(['zero', 'one']);
    expect(tree.readState('training')).toBe('2');
    expect(await textsOf(dataset())).toEqual(['two']);
    await fed;
  });

  it('takes the only channel there is, or else `training`', async () => {
    const only = jobWith({ digits: PIPE });
    const several = jobWith({ validation: PIPE, training: PIPE });
    const fed = [only.feed('digits', [recordIO('digit')]), several.feed('training', [recordIO('training')])];
    expect(await textsOf(pipeModeDataset(foldersOf(only)))).toEqual(['digit']);
    expect(await textsOf(pipeModeDataset(foldersOf(several)))).toEqual(['training']);
    await Promise.all(fed);
  });

  it('throws at the call if the channel is missing or not in Pipe mode, as PipeModeDataset does', () => {
    const tree = jobWith({ train: PIPE, files: { TrainingInputMode: 'File' } });
    expect(() => pipeModeDataset({ channel: 'test', ...foldersOf(tree) })).toThrow(
      expect.objectContaining({ code: 'ERR_CHANNEL_NOT_FOUND', channels: ['train', 'files'] }),
    );
    expect(() => pipeModeDataset(foldersOf(tree))).toThrow(/no channel training.*train, files/);
    expect(() => pipeModeDataset({ channel: 'files', ...foldersOf(tree) })).toThrow(
      expect.objectContaining({ code: 'ERR_CHANNEL_MODE', message: expect.stringContaining('File mode') }),
    );
  });

  describe('maxCorruptedRecordsToSkip', () => {
    const bad = (name: string): Buffer => readFileSync(`test/fixtures/tfrecord/bad/${name}.tfrecord`);
    const THREE_BAD = 'data_flipped_in_records_4_5_and_6';

    /** Reads one epoch of these bytes. Returns the number of records and the ending. */
    const read = async (bytes: Uint8Array, maxCorruptedRecordsToSkip?: number): Promise<unknown> => {
      const tree = jobWith({ training: PIPE });
      const fed = tree.feed('training', [bytes]);
      const { baseDir } = tree;
      const records$ = pipeModeDataset({ baseDir, recordFormat: 'TFRecord', maxCorruptedRecordsToSkip });
      const end = await lastValueFrom(records$.pipe(count())).catch((error: unknown) => error);
      // A reader that leaves early breaks the writer's pipe.
      await fed.catch(() => undefined);
      return end;
    };

    it('skips that many consecutive records with a wrong data checksum, with a warning', async () => {
      const warnings = await collectWarnings(async () => {
        expect(await read(bad(THREE_BAD), 3)).toBe(12 - 3);
      });
      expect(warnings).toEqual([
        {
          code: 'MILLRACE_BAD_RECORDS',
          message: expect.stringMatching(/pipeModeDataset has skipped 3 bad records \(.*\(record 4, /),
        },
      ]);
    });

    it('fails at one more in a row', async () => {
      await collectWarnings(async () => {
        expect(await read(bad(THREE_BAD), 2)).toMatchObject({
          code: 'ERR_FORMAT_CHECKSUM',
          message: expect.stringContaining('more than 2 consecutive corrupted records'),
          cause: { recordIndex: 6 },
        });
      });
    });

    it('starts the count anew after a good record, and in each epoch', async () => {
      const frames = Array.from('abcdefgh', (text) => tfRecords(text));
      for (const index of [0, 2, 3, 5, 7]) frames[index]![12]! ^= 1;
      await collectWarnings(async () => {
        expect(await read(Buffer.concat(frames), 2)).toBe(3);
        expect(await read(Buffer.concat(frames), 1)).toMatchObject({ cause: { recordIndex: 3 } });
        const tree = jobWith({ training: PIPE });
        const fed = tree.feed('training', [Buffer.concat(frames), Buffer.concat(frames)]);
        const records$ = pipeModeDataset({
          baseDir: tree.baseDir,
          recordFormat: 'TFRecord',
          maxCorruptedRecordsToSkip: 2,
        });
        expect(await textsOf(records$.pipe(repeat(2)))).toEqual(['b', 'e', 'g', 'b', 'e', 'g']);
        await fed;
      });
    });

    it('fails at a corrupted record by default', async () => {
      const error = { name: 'FormatError', kind: 'checksum', recordIndex: 4 };
      expect(await read(bad('data_flipped_in_record_4'))).toMatchObject(error);
      expect(await read(bad('data_crc_flipped_in_record_4'), 0)).toMatchObject(error);
    });

    it.each([
      ['length_flipped_in_record_4', 'checksum', 4],
      ['length_crc_flipped_in_record_4', 'checksum', 4],
      ['cut_inside_the_header_of_record_11', 'truncated', 11],
      ['cut_after_the_header_of_record_11', 'truncated', 11],
      ['cut_inside_the_data_of_record_11', 'truncated', 11],
      ['cut_inside_the_footer_of_record_11', 'truncated', 11],
    ])('fails all the same where %s', async (name, kind, recordIndex) => {
      expect(await read(bad(name), 100)).toMatchObject({ name: 'FormatError', kind, recordIndex });
    });

    it('is refused for other formats, for decoders, and if it is not a count', () => {
      const refused = expect.objectContaining({ code: 'ERR_CONFIG', path: 'maxCorruptedRecordsToSkip' });
      for (const recordFormat of [undefined, 'RecordIO', 'TextLine', decodeTFRecord()] as const) {
        expect(() => pipeModeDataset({ recordFormat, maxCorruptedRecordsToSkip: 1 })).toThrow(refused);
      }
      for (const maxCorruptedRecordsToSkip of [-1, 0.5]) {
        expect(() => pipeModeDataset({ recordFormat: 'TFRecord', maxCorruptedRecordsToSkip })).toThrow(refused);
      }
    });
  });

  it('throws at the call for bad options, and for a job that cannot be read', async () => {
    const tree = jobWith({ train: PIPE });
    const warnings = await collectWarnings(() => {
      expect(() => pipeModeDataset({ ...foldersOf(tree), recordFormat: 'CSV' as 'TFRecord' })).toThrow(/recordFormat/);
      expect(() => pipeModeDataset({ ...foldersOf(tree), channel: 'a/b' })).toThrow(/channel name/);
      expect(() => pipeModeDataset({ ...foldersOf(tree), openTimeoutMs: 0 })).toThrow(/openTimeoutMs/);
      expect(() => pipeModeDataset({ baseDir: newFolder() })).toThrow(/inputdataconfig\.json cannot be read/);
    });
    expect(warnings).toEqual([]);
  });
});
