import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, repeat, take, toArray, type Observable } from 'rxjs';
import { decodeTextLine } from '../../../operators/decodeTextLine.js';
import { records, type RecordsOptions } from '../../../src/pipeline/records/records.js';
import { recordsFromFiles } from '../../../src/pipeline/records/recordsFromFiles.js';
import { nextTurn, until } from '../../support/fifoWriter.js';
import { consumeByHand } from '../../../src/testing/consumeByHand.js';
import { descriptorsBelow, settle } from '../../support/openHandles.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { TrainingTree } from '../../support/trainingTree.js';
import { textsOf, tfRecords, writeFiles } from '../recordFiles.js';

const newFolder = temporaryFolders();

const FILES = { 'a.tf': tfRecords('0', '1'), 'b.tf': tfRecords('2'), 'c/d.tf': tfRecords('3', '4') };

/** Makes a job with the channel `train` in this mode, and the folder with its files. */
function jobIn(mode: string, files: Readonly<Record<string, Uint8Array | string>> = FILES): TrainingTree {
  const tree = new TrainingTree(newFolder(), {
    train: { TrainingInputMode: mode },
    other: { TrainingInputMode: 'Pipe' },
  });
  if (mode !== 'Pipe') writeFiles(join(tree.baseDir, 'input/data/train'), files);
  return tree;
}

const optionsFor = ({ baseDir }: TrainingTree): RecordsOptions<'TFRecord'> => ({ baseDir, recordFormat: 'TFRecord' });

describe('records', () => {
  it('emits the same records in each input mode, and from a folder without a job', async () => {
    const texts = ['0', '1', '2', '3', '4'];
    const pipe = jobIn('Pipe');
    const fed = pipe.feed('train', [Buffer.concat(Object.values(FILES))]);
    expect(await textsOf(records('train', optionsFor(pipe)))).toEqual(texts);
    await fed;
    for (const mode of ['File', 'FastFile', 'file']) {
      expect(await textsOf(records('train', optionsFor(jobIn(mode))))).toEqual(texts);
    }
    const folder = newFolder();
    writeFiles(folder, FILES);
    expect(await textsOf(recordsFromFiles(folder, { recordFormat: 'TFRecord' }))).toEqual(texts);
  });

  it('reads an epoch at each subscription, in either mode', async () => {
    const pipe = jobIn('Pipe');
    const fed = pipe.feed('train', [tfRecords('zero'), tfRecords('one')]);
    expect(await textsOf(records('train', optionsFor(pipe)).pipe(repeat(2)))).toEqual(['zero', 'one']);
    await fed;
    const file$ = records('train', { ...optionsFor(jobIn('File')), shuffleSeed: 3 }).pipe(take(5));
    const epochs = [await textsOf(file$), await textsOf(file$), await textsOf(file$), await textsOf(file$)];
    expect(new Set(epochs.map((texts) => texts.join())).size).toBeGreaterThan(1);
    for (const texts of epochs) expect([...texts].sort()).toEqual(['0', '1', '2', '3', '4']);
  });

  it('looks the mode up at each subscription, and not before', async () => {
    const baseDir = newFolder();
    const records$ = records('train', { baseDir, recordFormat: 'TFRecord' });
    await expect(textsOf(records$)).rejects.toThrow(
      /inputdataconfig\.json cannot be read: .* To read files without a job, use recordsFromFiles\(\)\.$/,
    );
    const tree = new TrainingTree(baseDir, { train: { TrainingInputMode: 'File' } });
    writeFiles(join(tree.baseDir, 'input/data/train'), FILES);
    expect(await textsOf(records$)).toHaveLength(5);
  });

  it('passes the options of files and of channels on', async () => {
    const file = jobIn('File');
    const inTurn$ = records('train', { ...optionsFor(file), cycleLength: 3, blockLength: 1 });
    expect(await textsOf(inTurn$)).toEqual(['0', '2', '3', '1', '4']);
    const pipe = jobIn('Pipe');
    await expect(textsOf(records('train', { ...optionsFor(pipe), openTimeoutMs: 20 }))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_OPEN_TIMEOUT',
    });
    const reason = new Error('enough');
    for (const tree of [file, pipe]) {
      const aborted$ = records('train', { ...optionsFor(tree), signal: AbortSignal.abort(reason) });
      await expect(textsOf(aborted$)).rejects.toBe(reason);
    }
  });

  it('takes any decoder, in either mode', async () => {
    const decoded = async (tree: TrainingTree): Promise<string[]> => {
      const lines$: Observable<string> = records('train', {
        baseDir: tree.baseDir,
        recordFormat: decodeTextLine({ encoding: 'utf8' }),
      });
      return firstValueFrom(lines$.pipe(toArray()));
    };
    expect(await decoded(jobIn('File', { a: 'one\ntwo', 'b.gz': gzipSync('three') }))).toEqual(['one', 'two', 'three']);
    const pipe = jobIn('Pipe');
    const fed = pipe.feed('train', [Buffer.from('one\ntwo\n')]);
    expect(await decoded(pipe)).toEqual(['one', 'two']);
    await fed;
  });

  it('names the truncated file', async () => {
    const tree = jobIn('File', { ...FILES, 'b.tf': FILES['b.tf'].subarray(0, -1) });
    await expect(textsOf(records('train', optionsFor(tree)))).rejects.toMatchObject({
      code: 'ERR_FORMAT_TRUNCATED',
      recordIndex: 0,
      message: expect.stringContaining('input/data/train/b.tf'),
    });
  });

  it('fails without a folder or a file, unless allowEmpty is set', async () => {
    const options = optionsFor(jobIn('File', {}));
    await expect(textsOf(records('train', options))).rejects.toMatchObject({ errno: 'ENOENT' });
    const empty = jobIn('File', { 'only/a': '' });
    empty.remove(join(empty.baseDir, 'input/data/train/only/a'));
    await expect(textsOf(records('train', optionsFor(empty)))).rejects.toMatchObject({ code: 'ERR_CHANNEL_EMPTY' });
    expect(await textsOf(records('train', { ...optionsFor(empty), allowEmpty: true }))).toEqual([]);
  });

  it('reads the only channel, or `training`, without a name', async () => {
    const only = new TrainingTree(newFolder(), { some: { TrainingInputMode: 'File' } });
    writeFiles(join(only.baseDir, 'input/data/some'), FILES);
    expect(await textsOf(records(undefined, optionsFor(only)))).toHaveLength(5);
    const file = { TrainingInputMode: 'File' };
    const several = new TrainingTree(newFolder(), { validation: file, training: file });
    writeFiles(join(several.baseDir, 'input/data/training'), FILES);
    expect(await textsOf(records(undefined, optionsFor(several)))).toHaveLength(5);
  });

  it('lists the channels if the requested one does not exist', async () => {
    for (const name of ['test', undefined]) {
      await expect(textsOf(records(name, optionsFor(jobIn('File'))))).rejects.toMatchObject({
        code: 'ERR_CHANNEL_NOT_FOUND',
        channels: ['train', 'other'],
      });
    }
  });

  it('delivers only requested records, and closes its files when stopped', async () => {
    for (const mode of ['Pipe', 'File']) {
      const tree = jobIn(mode);
      const fed = mode === 'Pipe' ? tree.feed('train', [Buffer.concat(Object.values(FILES))]) : Promise.resolve();
      const consumer = consumeByHand(records('train', optionsFor(tree)), { onItem: (_record, gate) => gate.close() });
      await settle();
      expect(consumer.items).toEqual([]);
      consumer.gate.open();
      await until(() => consumer.items.length === 1);
      await nextTurn();
      expect(consumer.items).toHaveLength(1);
      consumer.subscription.unsubscribe();
      await fed;
      await until(() => descriptorsBelow(tree.baseDir).length === 0);
    }
  });

  it('throws at the call for bad arguments', () => {
    const recordFormat = 'TFRecord' as const;
    expect(() => records('a/b', { recordFormat })).toThrow(expect.objectContaining({ path: 'name' }));
    expect(() => records('a', { recordFormat: 'CSV' as 'TFRecord' })).toThrow(/RecordIO, TFRecord, TextLine/);
    expect(() => records('a', { recordFormat, blockLength: 0 })).toThrow(
      expect.objectContaining({ path: 'blockLength' }),
    );
    expect(() => records('a', { recordFormat, openTimeoutMs: 0 })).toThrow(/openTimeoutMs/);
    expect(() => records('a', { recordFormat, unknown: 1 } as RecordsOptions<'TFRecord'>)).toThrow(/unknown/);
    expect(() => records('a', undefined as unknown as RecordsOptions<'TFRecord'>)).toThrow(
      /ERR_CONFIG|expected object/,
    );
  });
});
