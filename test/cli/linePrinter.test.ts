import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { MILLRACE } from '../support/compiled.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

/** A folder with a file of numbers and a pipeline that reads it. */
function pipelineFolder(): string {
  const folder = newFolder();
  writeFileSync(join(folder, 'numbers.txt'), Array.from({ length: 100_000 }, (_, line) => `${line}\n`).join(''));
  const channels = { numbers: { files: join(folder, 'numbers.txt'), recordFormat: 'TextLine' } };
  writeFileSync(join(folder, 'pipeline.json'), JSON.stringify({ channels, stages: [] }));
  return folder;
}

describe('LinePrinter', () => {
  it.each([
    ['inspect numbers.txt', '> /dev/full', /: the disk is full\.$/m],
    ['run pipeline.json --head 10', '> /dev/full', /: the disk is full\.$/m],
    ['run pipeline.json --head 100000', '| head -1 > /dev/null', /the reader has closed the output\.$/m],
  ])('ends `millrace %s %s` with an error of one line and exit code 1', (args, target, message) => {
    const command = `("${execPath}" "${MILLRACE}" ${args}; echo "exit code $?" >&2) ${target}`;
    const { stderr } = spawnSync('sh', ['-c', command], { cwd: pipelineFolder(), encoding: 'utf8' });
    const lines = stderr.split('\n').filter((line) => line.startsWith('millrace: Cannot write to standard output: '));
    expect(lines).toEqual([expect.stringMatching(message)]);
    expect(stderr).toMatch(/exit code 1\n$/);
  });
});
