import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jest } from '@jest/globals';

// Trains a model.
jest.setTimeout(120_000);

/** Six of ten points are outside the circle, so a model that learned nothing reaches 0.61. */
const LEARNED = 0.7;

/** The scripts of the page, in order. */
const [write = '', trainFromCsv = '', fromTFRecord = ''] = [
  ...readFileSync('docs/start.md', 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm),
].map(([, code]) => code!);

const folder = mkdtempSync(join(tmpdir(), 'millrace-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (script: string, code: string): string => {
  writeFileSync(join(folder, script), code);
  return execFileSync(process.execPath, [script], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
};

/** Returns the accuracy of each epoch, which the training prints. */
const accuracies = (output: string): number[] =>
  [...output.matchAll(/^epoch \d: accuracy (\d\.\d+)$/gm)].map(([, accuracy]) => Number(accuracy));

describe('docs/start.md', () => {
  beforeAll(() => {
    mkdirSync(join(folder, 'node_modules'));
    for (const name of ['rxjs', '@tensorflow']) {
      symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
    }
    symlinkSync(resolve('.'), join(folder, 'node_modules', 'millrace'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    run('write.js', write);
  });

  it('trains from CSV, and prints each epoch', () => {
    const reached = accuracies(run('train.js', trainFromCsv));
    expect(reached).toHaveLength(5);
    expect(reached.at(-1)).toBeGreaterThan(LEARNED);
  });

  it('trains from TFRecord when the reader is replaced', () => {
    const isImport = /^import .*'(millrace.*|rxjs)';\n/gm;
    const training = trainFromCsv.slice(trainFromCsv.indexOf('await tf.setBackend'));
    const imports = trainFromCsv.match(/^import .*(@tensorflow|millrace\/tfjs).*\n/gm)!.join('');
    expect(fromTFRecord.match(isImport)).toHaveLength(4);
    const reached = accuracies(run('trainTFRecord.js', imports + fromTFRecord + training));
    expect(reached).toHaveLength(5);
    expect(reached.at(-1)).toBeGreaterThan(LEARNED);
  });
});
