import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';

const PROGRAM = fileURLToPath(new URL('support/configReads.program.ts', import.meta.url));
const newFolder = temporaryFolders();
const lines = Buffer.from('one\ntwo\n');

async function readsIn(baseDir: string, source: string): Promise<string> {
  const { stdout } = await promisify(execFile)(execPath, ['--import', 'tsx', PROGRAM, baseDir, source]);
  return stdout;
}

describe('a subscription with a cursor', () => {
  it.each(['channel', 'records'])('reads inputdataconfig.json once in Pipe mode, by %s', async (source) => {
    const tree = new TrainingTree(newFolder());
    const [output] = await Promise.all([readsIn(tree.baseDir, source), tree.feed('train', [lines])]);
    expect(output).toBe('1 reads, 2 records');
  });

  it('reads it once in File mode, by records', async () => {
    const tree = new TrainingTree(newFolder(), { train: { TrainingInputMode: 'File' } });
    mkdirSync(join(tree.baseDir, 'input/data/train'));
    writeFileSync(join(tree.baseDir, 'input/data/train/a'), lines);
    expect(await readsIn(tree.baseDir, 'records')).toBe('1 reads, 2 records');
  });
});
