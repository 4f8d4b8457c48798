import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { runPipeline } from '../../src/cli/runPipeline.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const { isTTY } = process.stderr;

afterEach(() => {
  process.stderr.isTTY = isTTY;
  jest.useRealTimers();
  jest.restoreAllMocks();
});

/** Runs a pipeline of three lines. After each printed item, half a second passes. Returns the texts on standard error. */
async function run(stages: readonly object[]): Promise<string[]> {
  const folder = newFolder();
  writeFileSync(join(folder, 'lines.txt'), 'a\nb\nc\n');
  const path = join(folder, 'pipeline.json');
  const channels = { t: { files: join(folder, 'lines.txt'), recordFormat: 'TextLine' } };
  writeFileSync(path, JSON.stringify({ channels, stages }));
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
  process.stderr.isTTY = true;
  const texts: string[] = [];
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => texts.push(String(text)) > 0);
  jest.spyOn(process.stdout, 'write').mockImplementation(((text: string, written: () => void) => {
    if (text !== '') jest.advanceTimersByTime(500);
    written();
    return true;
  }) as never);
  await runPipeline(path, { head: 9, report: false });
  return texts.filter((text) => text.startsWith('millrace: ') && text.includes(' MB in '));
}

describe('millrace run on a terminal', () => {
  it('shows the progress of assertCardinality', async () => {
    const texts = await run([{ stage: 'assertCardinality', count: 3 }]);
    expect(texts).toEqual([
      expect.stringMatching(/^millrace: 1 item, 0\.00 MB in \d+\.\d s; 1 of 3 items, \d+ s left$/),
      expect.stringMatching(/^millrace: 2 items, 0\.00 MB in \d+\.\d s; 2 of 3 items, \d+ s left$/),
      expect.stringMatching(/^millrace: 3 items, 0\.00 MB in \d+\.\d s; 3 of 3 items, 0 s left$/),
      expect.stringMatching(/^millrace: 3 items, 0\.00 MB in \d+\.\d s\n$/),
    ]);
  });

  it('shows the number of items without assertCardinality', async () => {
    const texts = await run([]);
    expect(texts[0]).toMatch(/^millrace: 1 item, 0\.00 MB in \d+\.\d s$/);
    expect(texts).toHaveLength(4);
  });
});
