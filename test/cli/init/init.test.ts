import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { parquetBytes } from '../../pipeline/parquet/support/parquetFiles.js';
import { MILLRACE } from '../../support/compiled.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const newFolder = temporaryFolders();

function init(cwd: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(execPath, [MILLRACE, 'init', ...args], { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** Runs `npm start` with the packages of this project, which `npm install` would install. */
function start(folder: string) {
  const modules = join(folder, 'node_modules');
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies: object };
  for (const name of Object.keys(dependencies)) {
    mkdirSync(join(modules, name, '..'), { recursive: true });
    symlinkSync(name === 'millrace' ? process.cwd() : resolve('node_modules', name), join(modules, name));
  }
  mkdirSync(join(modules, '.bin'));
  writeFileSync(join(modules, '.bin/millrace'), `#!/bin/sh\nexec '${execPath}' '${MILLRACE}' "$@"\n`, { mode: 0o755 });
  return spawnSync('npm', ['--silent', 'start'], { cwd: folder, encoding: 'utf8' });
}

const rows = <T>(count: number, row: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => row(at));

/** Three classes that the number `size` separates. Some numbers are missing. */
const IRIS = [
  'size,"width, in mm",color,name,species',
  ...rows(600, (at) => {
    const width = at % 50 === 0 ? '' : String(at % 7);
    const species = ['setosa', "o'neil", '"a, b"'][at % 3];
    return `${(at % 3) + (at % 10) / 20},${width},${at % 2 ? 'red' : 'blue'},n${at},${species}`;
  }),
].join('\n');

describe('millrace init', () => {
  it('writes a project that learns the classes of a CSV file', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'iris.csv'), IRIS);
    expect(init(folder, 'project', '--data', 'iris.csv', '--label', 'species')).toEqual({
      status: 0,
      stderr: '',
      stdout:
        '600 records. The script predicts species (classification) from size, width, in mm, color.\n' +
        'Not used: name (more than 100 different texts).\n' +
        'Written: project/train.js, project/job.json, project/package.json.\n' +
        'Next: cd project && npm install && npm start\n',
    });
    const { status, stdout } = start(join(folder, 'project'));
    expect(status).toBe(0);
    expect(stdout).toMatch(/^epoch 1 of 20: /);
    expect(Number(/epoch 20 of 20: .* ([\d.]+)\n$/.exec(stdout)?.[1])).toBeGreaterThan(0.95);
  });

  it('writes a project that learns a number from lines of JSON in several files', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'data'));
    for (const file of ['a', 'b']) {
      const lines = rows(400, (at) => {
        const [x, y] = [(at % 20) / 20, (at % 13) / 13];
        return JSON.stringify({ x, pair: [x, y], unit: at % 2 ? 'm' : 'km', y: 2 * x + y });
      });
      writeFileSync(join(folder, 'data', `${file}.jsonl`), lines.join('\n'));
    }
    const { stdout: said } = init(folder, '.', '--data', 'data/*.jsonl', '--label', 'y');
    expect(said).toContain('predicts y (regression) from x, pair, unit.');
    const { status, stdout } = start(folder);
    expect(status).toBe(0);
    expect(Number(/epoch 20 of 20: .* ([\d.]+)\n$/.exec(stdout)?.[1])).toBeLessThan(0.3);
  });

  it('writes a project that learns integer classes from Examples', () => {
    const folder = newFolder();
    const examples = rows(500, (at) => {
      const features = { point: { floatList: [at % 2, at / 500] }, kind: { int64List: [BigInt(5 + (at % 2))] } };
      return encodeTFRecord(encodeExample(features));
    });
    writeFileSync(join(folder, 'points.tfrecord'), Buffer.concat(examples));
    init(folder, 'p', '--data', 'points.tfrecord', '--label', 'kind');
    expect(readFileSync(join(folder, 'p/train.js'), 'utf8')).toContain('const CLASSES = [5, 6];');
    const { status, stdout } = start(join(folder, 'p'));
    expect(status).toBe(0);
    expect(Number(/epoch 20 of 20: .* ([\d.]+)\n$/.exec(stdout)?.[1])).toBeGreaterThan(0.95);
  });

  it('writes a project that learns the classes of Parquet files with nulls and lists', () => {
    const folder = newFolder();
    const of = <T>(value: (at: number) => T): T[] => rows(600, value);
    const bytes = parquetBytes([
      { name: 'id', type: 'INT64', data: of((at) => BigInt(at)) },
      { name: 'size', type: 'DOUBLE', nullable: true, data: of((at) => (at % 50 === 0 ? null : (at % 3) + 0.1)) },
      { name: 'color', type: 'STRING', nullable: true, data: of((at) => (at % 7 === 0 ? null : `c${at % 2}`)) },
      { name: '__proto__', type: 'INT32', data: of((at) => at) },
      { name: 'kind', type: 'STRING', data: of((at) => ['a', 'b', "c'"][at % 3] ?? '') },
    ]);
    writeFileSync(join(folder, 'flowers.parquet'), bytes);
    const { stdout: said } = init(folder, 'p', '--data', 'flowers.parquet', '--label', 'kind');
    expect(said).toContain('600 records. The script predicts kind (classification) from id, size, color.');
    const { status, stdout } = start(join(folder, 'p'));
    expect(status).toBe(0);
    expect(Number(/epoch 20 of 20: .* ([\d.]+)\n$/.exec(stdout)?.[1])).toBeGreaterThan(0.9);
  });

  it('writes a project that learns the classes of image folders', async () => {
    const folder = newFolder();
    for (const [name, background] of Object.entries({ 'a [red]': '#ff0000', blue: '#0000ff' })) {
      mkdirSync(join(folder, 'images', name), { recursive: true });
      const png = await sharp({ create: { width: 8, height: 8, channels: 3, background } })
        .png()
        .toBuffer();
      for (let at = 0; at < 20; at++) writeFileSync(join(folder, 'images', name, `${at}.png`), png);
    }
    mkdirSync(join(folder, 'images/empty'));
    expect(init(folder, 'p', '--data', 'images').stdout).toContain(
      '40 images. The script predicts the class: a [red], blue.\n' +
        '40 records are few: if a part has no records, change PARTS in train.js.\n',
    );
    const { status, stdout } = start(join(folder, 'p'));
    expect(status).toBe(0);
    expect(stdout).toMatch(/epoch 20 of 20: .* 1\.0000\n$/);
  });

  it.each([
    [['--data', 'iris.csv', '--label', 'spezies'], /there is no column "spezies", but .*\. Did you mean "species"\?/],
    [
      ['--data', 'twice.csv', '--label', 'y'],
      /no column "y", .*\. The first line is not a header: see millrace inspect/,
    ],
    [['--data', 'iris.csv', '--label', 'name'], /the label "name" has more than 100 different texts/],
    [['--data', 'none.csv', '--label', 'x'], /none\.csv/],
    [['--data', 'text.txt', '--label', 'x'], /expected CSV with a header .*, found TextLine of text/],
    [
      ['--data', '{iris,more}.csv', '--label', 'species'],
      /contains 4 files, but the pattern matches 2\. Move the files/,
    ],
    [
      ['--data', 'iris.csv'],
      /expected --label, because there is no terminal for the question: Which column .* size, width, in mm,/,
    ],
    [[], /expected --data, because there is no terminal/],
  ])('refuses %j with a remedy, and writes nothing', (args, message) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'iris.csv'), IRIS);
    writeFileSync(join(folder, 'more.csv'), IRIS);
    writeFileSync(join(folder, 'twice.csv'), 'x,x,y\n1,2,a\n3,4,b\n');
    writeFileSync(join(folder, 'text.txt'), 'some text\nand more\n');
    const { status, stderr } = init(folder, 'project', ...args);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(existsSync(join(folder, 'project'))).toBe(false);
  });

  it('replaces files only with --force', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'iris.csv'), IRIS);
    writeFileSync(join(folder, 'package.json'), '{}');
    const args = ['.', '--data', 'iris.csv', '--label', 'species'];
    expect(init(folder, ...args).stderr).toContain('already contains package.json. Choose another folder, or replace');
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe('{}');
    const { status, stdout } = init(folder, ...args, '--force', '--json');
    expect({ status, ...(JSON.parse(stdout) as object) }).toEqual({
      ...{ status: 0, files: ['train.js', 'job.json', 'package.json'], records: 600 },
      facts: [expect.stringContaining('predicts species'), expect.stringContaining('Not used: name')],
    });
    expect(init(folder, ...args, '--force', '--quiet')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).toContain('millrace local job.json -- node train.js');
  });
});
