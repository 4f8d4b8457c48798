import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { listFiles } from '../../../src/pipeline/records/listFiles.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const newFolder = temporaryFolders();

function folderOf(names: readonly string[]): string {
  const folder = newFolder();
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), '');
  }
  return folder;
}

/** Returns the files that match a pattern, relative to the folder. */
async function below(folder: string, pattern: string): Promise<string[]> {
  return (await listFiles(join(folder, pattern))).files.map(({ path }) => relative(folder, path));
}

describe('listFiles', () => {
  it('returns all files below a folder, sorted by the bytes of the whole path, as S3 sorts keys', async () => {
    const names = ['a/b', 'a-c', 'a.b/z', 'B', '.hidden', 'x/y/z', '\u{ffe8}', '\u{1f30a}', 'é'];
    const byBytes = ['.hidden', 'B', 'a-c', 'a.b/z', 'a/b', 'x/y/z', 'é', '\u{ffe8}', '\u{1f30a}'];
    expect(await below(folderOf(names), '')).toEqual(byBytes);
    expect(await below(newFolder(), '')).toEqual([]);
  });

  it('returns a file itself, even if its name looks like a pattern', async () => {
    const folder = folderOf(['a', 'part[1].tfrecord', 'part1.tfrecord']);
    expect(await below(folder, 'a')).toEqual(['a']);
    expect(await below(folder, 'part[1].tfrecord')).toEqual(['part[1].tfrecord']);
  });

  const NAMES = ['a.tf', 'b.tf', 'c.csv', '.d.tf', 'sub/e.tf', 'sub/deep/f.tf', 'other/g.tf', '[x]/h.tf'];

  it.each([
    ['*.tf', ['a.tf', 'b.tf']],
    ['?.csv', ['c.csv']],
    ['[bc].*', ['b.tf', 'c.csv']],
    ['{a,c}.*', ['a.tf', 'c.csv']],
    ['.*.tf', ['.d.tf']],
    ['*/*.tf', ['[x]/h.tf', 'other/g.tf', 'sub/e.tf']],
    ['s*/**/*.tf', ['sub/deep/f.tf', 'sub/e.tf']],
    ['sub/**', ['sub/deep/f.tf', 'sub/e.tf']],
    ['**/*.tf', ['[x]/h.tf', 'a.tf', 'b.tf', 'other/g.tf', 'sub/deep/f.tf', 'sub/e.tf']],
    [String.raw`\[x\]/*.tf`, ['[x]/h.tf']],
    ['*.none', []],
    ['none/*.tf', []],
  ])('finds what matches %s', async (pattern, expected) => {
    expect(await below(folderOf(NAMES), pattern)).toEqual(expected);
  });

  it.each([
    ['part (1)*.tf', ['part (1) a.tf']],
    ['*(1)*.tf', ['part (1) a.tf']],
    ['x(1)*.tf', []],
    ['part (1|2)*.tf', ['part 1.tf']],
  ])('takes parentheses literally beside wildcards if that matches: %s', async (pattern, expected) => {
    expect(await below(folderOf(['part (1) a.tf', 'part 1.tf', 'x.tf']), pattern)).toEqual(expected);
  });

  const BRACKETS = [
    'set 1/p',
    'set (1)/p',
    '{a}/p',
    'a/p',
    '[b]/p',
    'b/p',
    'c/[b]/p',
    'c/b/p',
    'd/b/p',
    '[f].tf',
    'f.tf',
  ];

  it.each([
    ['set (1)/*', ['set (1)/p']],
    ['{a}/*', ['{a}/p']],
    ['[b]/*', ['[b]/p']],
    // No folder has this literal name, but a folder matches the pattern.
    ['?/[b]/*', ['c/[b]/p', 'd/b/p']],
    ['{a,c/b}/*', ['a/p', 'c/b/p']],
    [String.raw`set \(1\)/p`, ['set (1)/p']],
    [String.raw`\{a\}/*`, ['{a}/p']],
    [String.raw`c/\[b]/*`, ['c/[b]/p']],
  ])('takes a part as it is written if it is there, else as a pattern: %s', async (pattern, expected) => {
    expect(await below(folderOf(BRACKETS), pattern)).toEqual(expected);
  });

  it('takes patterns relative to the working directory', async () => {
    const filesOf = async (pattern: string) => (await listFiles(pattern)).files.map(({ path }) => path);
    expect(await filesOf('tsconfig{.build,}.json')).toEqual(['tsconfig.build.json', 'tsconfig.json']);
    expect(await filesOf('./docs/b*.md')).toEqual(['docs/backpressure.md']);
  });

  it('follows symbolic links to files and folders', async () => {
    const elsewhere = folderOf(['e.tf']);
    const folder = folderOf(['a.tf']);
    symlinkSync(join(elsewhere, 'e.tf'), join(folder, 'b.tf'));
    symlinkSync(elsewhere, join(folder, 'linked'));
    const all = ['a.tf', 'b.tf', 'linked/e.tf'];
    expect(await below(folder, '')).toEqual(all);
    expect(await below(folder, '**/*.tf')).toEqual(all);
  });

  it('refuses links that lead in a circle, and leaves those that lead nowhere to the reader', async () => {
    const circle = folderOf(['sub/a.tf']);
    symlinkSync(circle, join(circle, 'sub/up'));
    await expect(below(circle, '')).rejects.toMatchObject({ errno: 'ELOOP', path: join(circle, 'sub/up') });
    expect(await below(circle, 'sub/*.tf')).toEqual(['sub/a.tf']);
    const broken = newFolder();
    symlinkSync('nowhere', join(broken, 'link'));
    expect(await below(broken, '')).toEqual(['link']);
  });

  it('names a path that does not exist', async () => {
    const path = join(newFolder(), 'none');
    await expect(listFiles(path)).rejects.toMatchObject({ code: 'ERR_CHANNEL_IO', errno: 'ENOENT', path });
  });
});
