import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repeat, take, type OperatorFunction } from 'rxjs';
import { decodeTable } from '../../operators/decodeTable.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { resumable } from '../../operators/resumable.js';
import { zipChannels } from '../../operators/zipChannels.js';
import { records } from '../../src/pipeline/records/records.js';
import { recordsFromFiles } from '../../src/pipeline/records/recordsFromFiles.js';
import { channel } from '../../src/sources/channel.js';
import { fromFifo } from '../../src/sources/fromFifo.js';
import { fromFile } from '../../src/sources/fromFile.js';
import { fromReadable } from '../../src/sources/fromReadable.js';
import { feedFifo, makeFifo } from '../support/fifoWriter.js';
import { writeFiles } from '../pipeline/recordFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';
import { Readable } from 'node:stream';
import { all, cursorAfter, lines, numbers, refusal, text } from './resuming.js';

const newFolder = temporaryFolders();

describe('resumable, of inputs', () => {
  const read = (tree: TrainingTree) => channel('train', { baseDir: tree.baseDir }).pipe(text);
  const job = (train: object, resources?: object): TrainingTree => {
    const tree = new TrainingTree(newFolder(), { train: { TrainingInputMode: 'Pipe', ...train } });
    if (resources) writeFiles(tree.baseDir, { 'input/config/resourceconfig.json': JSON.stringify(resources) });
    return tree;
  };

  it('reads the next FIFO for any epoch if epochs are equal', async () => {
    const [first, second] = [job({}), job({})];
    void first.feed('train', [lines(9), lines(9)]);
    const resume = resumable<string>();
    const read$ = read(first).pipe(resume);
    await all(read$);
    await all(read$.pipe(take(4)));
    expect(resume.cursor()).toMatchObject({ epoch: 1, items: 4 });
    void second.feed('train', [lines(9)]);
    expect(await all(read(second).pipe(resumable({ cursor: resume.cursor() })))).toEqual(['4', '5', '6', '7', '8']);
  });

  it('opens and closes the FIFOs before the saved epoch if channels are shuffled, also empty ones', async () => {
    const tree = job({});
    const fed = tree.feed('train', [lines(9, 'a'), Buffer.alloc(0), lines(9, 'c'), lines(9, 'd')]);
    const shuffledChannels = ['train'];
    const resume = resumable<string>({
      cursor: { version: 1, epoch: 2, items: 7, inputs: {} },
      shuffledChannels,
    });
    expect(await all(read(tree).pipe(resume, repeat(2)))).toEqual([
      'c7',
      'c8',
      ...lines(9, 'd').toString().split('\n').slice(0, 9),
    ]);
    await fed;
    expect(tree.readState('train')).toBe('4');
  });

  it('does not take an epoch of a shuffled channel that has already been read', async () => {
    const tree = job({});
    writeFiles('/', { [tree.statePath('train')]: '3' });
    tree.makeFifo('train', 3);
    const resume = resumable({ cursor: { version: 1, epoch: 2, items: 0, inputs: {} }, shuffledChannels: ['train'] });
    await expect(all(read(tree).pipe(resume))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_STATE',
      message: expect.stringContaining('Epoch 2 of channel train has already been read'),
    });
    expect(tree.readState('train')).toBe('3');
  });

  it('says that a channel may be shuffled if its bytes differ between epochs', async () => {
    const [first, second] = [job({}), job({})];
    void first.feed('train', [lines(9)]);
    const cursor = await cursorAfter(4, read(first));
    void second.feed('train', [lines(9, 'x')]);
    expect((await refusal(read(second), { cursor })).message).toContain(
      'ShuffleConfig, set shuffledChannels: ["train"]',
    );
  });

  it('rejects a shuffled channel that is not read', async () => {
    const error = await refusal(numbers(), { shuffledChannels: ['train'] });
    expect(error.path).toBe('shuffledChannels');
  });

  it.each([
    [
      {},
      { current_host: 'algo-2', hosts: ['algo-1', 'algo-2'] },
      'host: expected "algo-1" (from the cursor), found "algo-2"',
    ],
    [{}, { current_host: 'algo-1', hosts: ['algo-1'] }, 'hosts: expected ["algo-1","algo-2"] (from the cursor)'],
    [{ ContentType: 'text' }, undefined, 'ContentType: expected nothing (from the cursor), found "text"'],
  ])('names the fact that differs: %#', async (config, resources, message) => {
    const hosts = { current_host: 'algo-1', hosts: ['algo-1', 'algo-2'] };
    const [first, second] = [job({}, hosts), job(config, resources ?? hosts)];
    void first.feed('train', [lines(9)]);
    const cursor = await cursorAfter(4, read(first));
    expect((await refusal(read(second), { cursor })).message).toContain(`inputs.train.${message}`);
  });

  it.each<[string, (option: number) => OperatorFunction<Uint8Array, unknown>]>([
    ['batchSize', (batchSize) => decodeTable({ batchSize })],
    ['quotes', (quotes) => decodeTable({ batchSize: 1, quotes: quotes > 1 })],
    ['skipLines', (skipLines) => decodeTextLine({ skipLines })],
  ])('rejects a decoder that divides the file into other records: %s', async (option, decoderOf) => {
    const folder = newFolder();
    writeFiles(folder, { a: lines(9) });
    const path = join(folder, 'a');
    for (const read of [
      (n: number) => recordsFromFiles(path, { recordFormat: decoderOf(n) }),
      (n: number) => fromFile(path).pipe(decoderOf(n)),
    ]) {
      const cursor = await cursorAfter(1, read(1));
      expect((await refusal(read(2), { cursor })).message).toContain(`${option}: expected `);
      await expect(all(read(1).pipe(resumable({ cursor })))).resolves.toBeDefined();
    }
  });

  it('reads a channel in File mode in the order of the saved epoch', async () => {
    const tree = job({ TrainingInputMode: 'File' });
    writeFiles(join(tree.baseDir, 'input/data/train'), { a: lines(4, 'a'), b: lines(4, 'b'), c: lines(4, 'c') });
    const make = () => records('train', { baseDir: tree.baseDir, recordFormat: text, shuffleSeed: 5 });
    const resume = resumable<string>();
    const read$ = make().pipe(resume);
    const epochs = [await all(read$), await all(read$), await all(read$)];
    expect(epochs[2]).not.toEqual(epochs[0]);
    const cursor = { ...resume.cursor(), epoch: 2, items: 5 };
    expect(await all(make().pipe(resumable({ cursor })))).toEqual(epochs[2]!.slice(5));
    expect(cursor.inputs['train']).toMatchObject({ unit: 'records', facts: { TrainingInputMode: 'File', files: 3 } });
  });

  it('names FIFOs by their paths, and streams by their number', async () => {
    const path = makeFifo(join(newFolder(), 'fifo'));
    void feedFifo(path, lines(3));
    const streams = [Readable.from([lines(3)]), Readable.from([lines(3)])].map((stream) =>
      fromReadable(stream).pipe(text),
    );
    const cursor = await cursorAfter(1, zipChannels([fromFifo(path).pipe(text), ...streams]));
    expect(Object.keys(cursor.inputs)).toEqual([path, 'stream 0', 'stream 1']);
  });

  it('has few marks for any length of the input', async () => {
    const file = join(newFolder(), 'a');
    writeFiles('/', { [file]: Buffer.alloc(3 * 2 ** 20) });
    const resume = resumable<Uint8Array>();
    await all(fromFile(file).pipe(resume));
    const marks = resume.cursor().inputs[file]!.marks.map(({ bytes }) => bytes / 2 ** 16);
    expect(marks).toEqual([1, 2, 4, 8, 16, 32, 48]);
  });
});
