import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { feedFifo, until } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';
import { temporaryFolder } from '../agent/temporaryJob.js';
import { bundleReader, readLog, runReader, startReader, type ReaderOptions } from './support/startReader.js';

const newFolder = temporaryFolders();
const programFolder = temporaryFolder();
let program = '';
beforeAll(async () => {
  chmodSync(programFolder, 0o755);
  program = await bundleReader(programFolder);
});
afterAll(() => rmSync(programFolder, { recursive: true }));

const newTree = () => new TrainingTree(newFolder());
const optionsOf = (tree: TrainingTree, more: Partial<ReaderOptions> = {}): ReaderOptions => {
  return { baseDir: tree.baseDir, log: join(tree.baseDir, 'log'), epochs: 1, ...more };
};
const logged = (tree: TrainingTree, event: string): string[] =>
  readLog(join(tree.baseDir, 'log')).flatMap((line) => (line.event === event ? [line.what] : []));

/**
 * Every step of the first claim of a channel, and the epoch that is read next if a reader is killed just before this
 * step.
 */
const STEPS = [
  ['writeFileSync .train-pipe_mode-opening.new', 0],
  ['renameSync .train-pipe_mode-opening.new', 0],
  ['writeFileSync .train-pipe_mode-state.new', 0],
  ['renameSync .train-pipe_mode-state.new', 0],
  ['openSync train_0', 1],
  ['rmSync .train-pipe_mode-opening', 1],
] as const;

describe('channel, its process killed', () => {
  it('takes an epoch in the steps that these tests kill at', async () => {
    const tree = newTree();
    const fed = tree.feed('train', [Buffer.from('zero')]);
    expect(await runReader(program, optionsOf(tree))).toBe(0);
    await fed;
    expect(logged(tree, 'step')).toEqual(STEPS.map(([step]) => step));
    expect([...logged(tree, 'ended'), ...logged(tree, 'warned')]).toEqual(['zero']);
  });

  it.each(STEPS)('before %s, continues with epoch %i, and reports the skipped one', async (before, next) => {
    const tree = newTree();
    tree.makeFifo('train', 0);
    tree.makeFifo('train', 1);
    const killed = optionsOf(tree, { fault: { before, what: 'killed' } });
    expect(await runReader(program, killed)).toBe('SIGKILL');
    const fed = feedFifo(tree.fifoPath('train', next), Buffer.from(`epoch ${next}`));
    expect(await runReader(program, optionsOf(tree))).toBe(0);
    await fed;
    expect(logged(tree, 'ended')).toEqual([`epoch ${next}`]);
    const skipped = expect.stringMatching(/^MILLRACE_SKIPPED_EPOCH Epoch 0 of channel train/);
    expect(logged(tree, 'warned')).toEqual(next === 0 ? [] : [skipped]);
    expect(tree.readState('train')).toBe(String(next + 1));
  });

  it('repeatedly before it opens its FIFO, reports every skipped epoch', async () => {
    const tree = newTree();
    for (let epoch = 0; epoch < 4; epoch++) tree.makeFifo('train', epoch);
    for (const before of ['openSync train_0', 'openSync train_1', 'openSync train_2']) {
      expect(await runReader(program, optionsOf(tree, { fault: { before, what: 'killed' } }))).toBe('SIGKILL');
    }
    const fed = feedFifo(tree.fifoPath('train', 3), Buffer.from('three'));
    await runReader(program, optionsOf(tree));
    await fed;
    const skipped = logged(tree, 'warned').map((message) => /Epoch (\d+)/.exec(message)?.[1]);
    expect(skipped).toEqual(['0', '1', '2']);
    expect(logged(tree, 'ended')).toEqual(['three']);
  });
});

describe('channel, its FIFO removed between the check and the opening', () => {
  it('gives the epoch back, and reads it when the FIFO exists again', async () => {
    const tree = newTree();
    tree.makeFifo('train', 0);
    const fault = { before: 'openSync train_0', what: 'unlinked' } as const;
    const reading = runReader(program, optionsOf(tree, { fault }));
    await until(() => logged(tree, 'step').at(-1) === 'rmSync .train-pipe_mode-opening');
    expect(tree.readState('train')).toBe('0');
    const fed = feedFifo(tree.makeFifo('train', 0), Buffer.from('zero'));
    expect(await reading).toBe(0);
    await fed;
    expect(logged(tree, 'ended')).toEqual(['zero']);
    expect(logged(tree, 'warned')).toEqual([]);
    expect(tree.readState('train')).toBe('1');
  });
});

describe('channel, another process stopped while it has the lock', () => {
  it('names the lock after openTimeoutMs, and continues when the other process does', async () => {
    const tree = newTree();
    const fed = tree.feed('train', [Buffer.from('zero'), Buffer.from('one')]);
    const stopped = startReader(program, optionsOf(tree, { fault: { before: 'openSync train_0', what: 'stopped' } }));
    const exited = once(stopped, 'exit');
    await until(() => logged(tree, 'step').at(-1) === 'openSync train_0');
    await runReader(program, optionsOf(tree, { options: { openTimeoutMs: 50 } }));
    expect(logged(tree, 'failed')).toEqual([
      expect.stringMatching(/Another process holds the lock on the epochs of channel/),
    ]);
    const waiting = runReader(program, optionsOf(tree));
    stopped.kill('SIGCONT');
    expect([await exited, await waiting]).toEqual([[0, null], 0]);
    await fed;
    expect(logged(tree, 'ended').sort()).toEqual(['one', 'zero']);
  });
});

describe('channel, claimed by 20 processes at once', () => {
  it('gives each process its own epoch', async () => {
    const tree = newTree();
    const count = 20;
    const fed = tree.feed(
      'train',
      Array.from({ length: count }, (_, epoch) => Buffer.from(String(epoch))),
    );
    const readers = Array.from({ length: count }, () => startReader(program, optionsOf(tree, { waits: true })));
    const exits = readers.map((reader) => once(reader, 'exit'));
    await Promise.all(readers.map((reader) => once(reader.stdout, 'data')));
    for (const reader of readers) reader.stdin.end('go');
    await Promise.all([...exits, fed]);
    const epochs = logged(tree, 'ended').map(Number);
    expect(epochs.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, epoch) => epoch));
    expect(tree.readState('train')).toBe(String(count));
    expect(logged(tree, 'warned')).toEqual([]);
  });
});

describe('channel, read by another user than root', () => {
  const NOBODY = 65_534;
  const isRoot = process.getuid?.() === 0;

  it('names a FIFO without read permission, and does not take its epoch', async () => {
    const tree = newTree();
    for (const folder of ['.', 'pipe_state']) chmodSync(join(tree.baseDir, folder), 0o777);
    chmodSync(tree.makeFifo('train', 0), 0o000);
    await runReader(program, optionsOf(tree), isRoot ? NOBODY : undefined);
    if (logged(tree, 'ready').length === 0) {
      process.stdout.write('channel: another user than root cannot run node here, so this test did not run\n');
      return;
    }
    expect(logged(tree, 'failed')).toEqual([expect.stringMatching(/EACCES.*train_0/)]);
    expect(() => tree.readState('train')).toThrow('ENOENT');
  });

  it('has a remedy for a state folder without write permission', async () => {
    const tree = newTree();
    chmodSync(tree.baseDir, 0o777);
    chmodSync(join(tree.baseDir, 'pipe_state'), 0o555);
    chmodSync(tree.makeFifo('train', 0), 0o666);
    await runReader(program, optionsOf(tree), isRoot ? NOBODY : undefined);
    if (logged(tree, 'ready').length === 0) return;
    expect(logged(tree, 'failed')).toEqual([expect.stringMatching(/EACCES.*set stateDir to a writable folder/)]);
  });
});
