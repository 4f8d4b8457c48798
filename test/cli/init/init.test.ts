import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
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

  it.each([
    [['--data', 'iris.csv', '--label', 'spezies'], /there is no column "spezies", but .*\. Did you mean "species"\?/],
    [['--data', 'iris.csv', '--label', 'name'], /the label "name" has more than 100 different texts/],
    [['--data', 'none.csv', '--label', 'x'], /none\.csv/],
    [['--data', 'text.txt', '--label', 'x'], /expected CSV with a header .*, found TextLine of text/],
    [['--data', '*.csv', '--label', 'species'], /contains 3 files, but the pattern matches 2\. Move the files/],
    [
      ['--data', 'iris.csv'],
      /expected --label, because there is no terminal to ask: Which column .* size, width, in mm,/,
    ],
    [[], /expected --data, because there is no terminal/],
  ])('refuses %j with a remedy, and writes nothing', (args, message) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'iris.csv'), IRIS);
    writeFileSync(join(folder, 'more.csv'), IRIS);
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
    expect(init(folder, ...args, '--force').status).toBe(0);
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).toContain('millrace local job.json -- node train.js');
  });
});
