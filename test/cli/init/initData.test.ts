import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execPath } from 'node:process';
import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { MILLRACE } from '../../support/compiled.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const newFolder = temporaryFolders();

/** Runs `millrace init` for the folder `data` with these files. */
function init(files: Readonly<Record<string, string | Uint8Array>>, ...args: readonly string[]) {
  const cwd = newFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, 'data', name)), { recursive: true });
    writeFileSync(join(cwd, 'data', name), content);
  }
  const command = [MILLRACE, 'init', 'project', '--data', 'data', ...args];
  const { status, stdout, stderr } = spawnSync(execPath, command, { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const CSV = 'x,y\n1,a\n2,b\n';
const PNG = await sharp({ create: { width: 2, height: 2, channels: 3, background: '#ff0000' } })
  .png()
  .toBuffer();
/** The first bytes of an unknown format. */
const BINARY = Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0, 0, 0, 0, 0, 0, 0]);

describe('the data of millrace init', () => {
  it('are the images of class folders, without files that are no images', () => {
    const { status, stdout } = init({
      'cat/1.png': PNG,
      'cat/Thumbs.db': BINARY,
      'dog/1.png': PNG,
      'README.txt': 'about the images\n',
    });
    expect(stdout).toContain('2 images. The script predicts the class: cat, dog.\n');
    expect(stdout).toContain('Left out, because they are no images: data/README.txt, data/cat/Thumbs.db.\n');
    expect(status).toBe(0);
  });

  it.each([
    [
      'names the file that differs from most files',
      { 'a.csv': CSV, 'b.csv': CSV, 'notes.txt': 'some text\nand more\n' },
      "data/notes.txt has another format, extension or columns than data/a.csv. Name files of one format, as in 'data/*.csv'",
    ],
    ['names a file of an unknown format', { 'a.csv': CSV, 'b.db': BINARY }, 'data/b.db'],
    [
      'names an image that cannot be read',
      { 'cat/1.png': PNG, 'dog/1.png': PNG, 'dog/2.png': BINARY },
      'data/dog/2.png',
    ],
    [
      'says that one class is not enough',
      { 'cat/1.png': PNG, 'cat/2.png': PNG },
      'expected a folder that contains at least two folders of images, one for each class, as in data/cat/1.jpg and data/dog/1.jpg. Found only the folder cat',
    ],
    ['says that there are no class folders', { '1.png': PNG, '2.png': PNG }, 'Found images outside such folders'],
    [
      'says that there is only a header',
      { 'a.csv': 'x,y\n' },
      'each file has only one line. If this line is a header, add lines with records',
    ],
  ])('%s', (_name, files, message) => {
    const { status, stderr } = init(files, '--label', 'y');
    expect(stderr).toContain(message);
    expect(status).not.toBe(0);
  });
});
