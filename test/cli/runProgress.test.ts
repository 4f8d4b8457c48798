import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { runPipeline, type RunFlags } from '../../src/cli/runPipeline.js';
import { handClock } from '../support/handClock.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const clock = handClock();
const { isTTY } = process.stderr;

afterEach(() => {
  process.stderr.isTTY = isTTY;
  jest.useRealTimers();
  jest.restoreAllMocks();
});

/** Runs a pipeline of three lines. After each printed item, two seconds pass. Returns the texts on standard error. */
async function run(stages: readonly object[], flags: Partial<RunFlags> = {}): Promise<string[]> {
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
    if (text !== '') {
      clock.busy(2000);
      jest.advanceTimersByTime(500);
    }
    written();
    return true;
  }) as never);
  await runPipeline(path, { head: 9, report: false, ...flags });
  return texts.filter((text) => text.startsWith('millrace: ') && text.includes(' MB'));
}

describe('millrace run on a terminal', () => {
  it('shows the progress of assertCardinality', async () => {
    const texts = await run([{ stage: 'assertCardinality', count: 3 }]);
    expect(texts).toEqual([
      'millrace: read 0.0 MB, 1 items in 2 s, 1 items/s; 1 of 3 items, 4 s left',
      'millrace: read 0.0 MB, 2 items in 4 s, 1 items/s; 2 of 3 items, 2 s left',
      'millrace: read 0.0 MB, 3 items in 6 s, 1 items/s; 3 of 3 items, 0 s left',
      'millrace: 3 items, 0.00 MB read in 6.0 s\n',
    ]);
  });

  it('shows the number of items without assertCardinality', async () => {
    const texts = await run([]);
    expect(texts[0]).toBe('millrace: read 0.0 MB, 1 items in 2 s, 1 items/s');
    expect(texts).toHaveLength(4);
  });

  it('shows neither progress nor totals with --quiet', async () => {
    expect(await run([], { quiet: true })).toEqual([]);
  });
});
