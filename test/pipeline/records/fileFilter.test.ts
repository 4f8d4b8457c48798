import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { from, repeat } from 'rxjs';
import { refuseInput } from '../../../src/cli/refuseInput.js';
import { findInputs } from '../../../src/cli/inspect/findInputs.js';
import { definePipeline } from '../../../src/pipeline/declared/definePipeline.js';
import { records } from '../../../src/pipeline/records/records.js';
import { recordsFromFiles, type RecordsFromFilesOptions } from '../../../src/pipeline/records/recordsFromFiles.js';
import { writeRecords } from '../../../src/sinks/writeRecords.js';
import { collectWarnings } from '../../support/collectWarnings.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { TrainingTree } from '../../support/trainingTree.js';
import { textsOf, writeFiles } from '../recordFiles.js';
import { FolderStore } from './support/folderStore.js';

const newFolder = temporaryFolders();
const DATA = ['a.txt', 'sub/b.txt', 'sub/c.csv'];
const BYPRODUCTS = [
  '.hidden',
  '_SUCCESS',
  '.a.txt.crc',
  'sub/x.crc',
  'part.manifest.json',
  'sub/.ipynb_checkpoints/b.txt',
];

/** Each file contains its own name. */
function folderOf(names: readonly string[]): string {
  const folder = newFolder();
  writeFiles(folder, Object.fromEntries(names.map((name) => [name, name])));
  return folder;
}

type Options = Omit<RecordsFromFilesOptions<'TextLine'>, 'recordFormat'>;

const read = (pattern: string, options: Options = {}) =>
  recordsFromFiles(pattern, { recordFormat: 'TextLine', ...options });

describe('the filter of files', () => {
  it('leaves out hidden files and by-products of folders, and says so once', async () => {
    const folder = folderOf([...DATA, ...BYPRODUCTS]);
    const warnings = await collectWarnings(async () => {
      expect(await textsOf(read(folder).pipe(repeat(2)))).toEqual([...DATA, ...DATA]);
    });
    expect(warnings).toEqual([
      {
        code: 'MILLRACE_LEFT_OUT',
        message: expect.stringMatching(
          /^recordsFromFiles: left out 6 files of ".*": "\.a\.txt\.crc", .*set exclude\.$/,
        ),
      },
    ]);
  });

  it('does not warn about the manifest of writeRecords', async () => {
    const folder = newFolder();
    const write = (name: string) => writeRecords(from(['a', 'b']), join(folder, name), { recordFormat: 'TextLine' });
    for (const name of ['part-{shard}.txt', '{shard}.txt', 'plain.txt']) await write(name);
    const warnings = await collectWarnings(async () => {
      expect((await textsOf(read(folder))).length).toBe(6);
    });
    expect(warnings).toEqual([]);
  });

  it('leaves out those of a prefix of a store', async () => {
    const store = new FolderStore(folderOf([...DATA, ...BYPRODUCTS]));
    expect(await textsOf(read('disk://data/sub/', { store }))).toEqual(['sub/b.txt', 'sub/c.csv']);
    expect(await textsOf(read('disk://data/', { store, exclude: ['**/*.txt', '_*'] }))).toEqual(['sub/c.csv']);
    expect(await textsOf(read('disk://data/', { store, exclude: ['sub', '_*'] }))).toEqual(['a.txt']);
  });

  it('reads a file that is named, or that a pattern matches', async () => {
    const folder = folderOf([...DATA, ...BYPRODUCTS]);
    const warnings = await collectWarnings(async () => {
      expect(await textsOf(read(join(folder, '.hidden'), { exclude: '**' }))).toEqual(['.hidden']);
      expect(await textsOf(read(join(folder, '_*')))).toEqual(['_SUCCESS']);
    });
    expect(warnings).toEqual([]);
  });

  it.each<[string, Options, readonly string[]]>([
    ['', { include: '*.txt' }, ['a.txt']],
    ['', { include: ['**/*.txt', '_SUCCESS'] }, ['_SUCCESS', 'a.txt', 'sub/b.txt']],
    ['', { include: '**/*.txt', exclude: 'sub/**' }, ['a.txt']],
    ['', { exclude: ['**/.*', '**/.*/**', '_SUCCESS', '**/*.crc', '*.manifest.json'] }, DATA],
    ['**', { exclude: ['sub/*.csv', '_*', '**/*.crc', '*.json'] }, ['a.txt', 'sub/b.txt']],
    ['sub/*', { include: '*.csv' }, ['sub/c.csv']],
    ['', { include: 'sub' }, ['sub/b.txt', 'sub/c.csv', 'sub/x.crc']],
    ['', { include: './sub/', exclude: '**/x.crc' }, ['sub/b.txt', 'sub/c.csv']],
    ['', { include: '*/' }, ['sub/b.txt', 'sub/c.csv', 'sub/x.crc']],
    ['', { include: ['a.txt', '**/.*'] }, ['.a.txt.crc', '.hidden', 'a.txt']],
    ['', { include: 'sub/.ipynb_checkpoints' }, ['sub/.ipynb_checkpoints/b.txt']],
    ['**', { exclude: ['sub', '*.json', '_SUCCESS'] }, ['a.txt']],
    ['**', { exclude: ['sub/', '*.json', '_SUCCESS'] }, ['a.txt']],
    ['**', { include: '!sub', exclude: ['*.json', '_SUCCESS'] }, ['a.txt']],
  ])('reads of %j with %j what its patterns select', async (pattern, options, expected) => {
    const path = join(folderOf([...DATA, ...BYPRODUCTS]), pattern);
    const warnings = await collectWarnings(async () => {
      expect(await textsOf(read(path, options))).toEqual(expected);
    });
    expect(warnings).toEqual([]);
  });

  it('says that all files are left out', async () => {
    const folder = folderOf(['_SUCCESS']);
    await expect(textsOf(read(folder))).rejects.toThrow(/All files at .* \(1\) are left out\. Check include and/);
  });

  it('refuses what is no pattern', () => {
    expect(() => read('a', { include: 7 as never })).toThrow(/include: expected a pattern, or an array of patterns/);
  });

  it('applies to channels in File mode and to declared files', async () => {
    const tree = new TrainingTree(newFolder(), { train: { TrainingInputMode: 'File' } });
    writeFiles(join(tree.baseDir, 'input/data/train'), { 'a.txt': 'a', 'b.csv': 'b', _SUCCESS: '' });
    const options = { recordFormat: 'TextLine', baseDir: tree.baseDir, exclude: '*.csv' } as const;
    expect(await textsOf(records('train', options))).toEqual(['a']);
    const files = folderOf(DATA);
    const channels = { train: { files, recordFormat: 'TextLine', include: '**/*.csv' } } as const;
    expect(await textsOf(definePipeline({ channels }))).toEqual(['sub/c.csv']);
  });

  it('applies to inspect, and to the check of an output', async () => {
    const folder = folderOf([...DATA, ...BYPRODUCTS]);
    let inputs: Awaited<ReturnType<typeof findInputs>> = [];
    const [warning] = await collectWarnings(async () => {
      inputs = await findInputs([folder]);
    });
    expect(warning?.message).toMatch(
      /^inspect: left out 6 files .*name them by path or pattern, as in 'data\/\*\*\/\.\*'\.$/,
    );
    expect(inputs.map(({ path }) => path)).toEqual(DATA.map((name) => join(folder, name)));
    const read = [{ pattern: folder, filter: { exclude: '*.json' } }];
    const refuse = (to: string) => refuseInput({ to: join(folder, to), isRecords: false }, read);
    await refuse('.out');
    await refuse('out.json');
    await expect(refuse('out.csv')).rejects.toThrow(/the pipeline reads this file/);
  });
});
