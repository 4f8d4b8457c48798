import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, repeat, take, toArray, type Observable } from 'rxjs';
import { channel } from '../../src/sources/channel.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { FifoWriter, nextTurn, until } from '../support/fifoWriter.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { descriptorsBelow, settle } from '../support/openHandles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';

const newFolder = temporaryFolders();
const newTree = (config?: unknown): TrainingTree => new TrainingTree(newFolder(), config);

async function textOf(bytes$: Observable<Uint8Array>): Promise<string> {
  return Buffer.concat(await firstValueFrom(bytes$.pipe(toArray()))).toString();
}

describe('channel', () => {
  it('reads one epoch for each subscription, in order', async () => {
    const tree = newTree();
    const fed = tree.feed('train', [Buffer.from('zero'), Buffer.from('one'), Buffer.from('two')]);
    const train$ = channel('train', { baseDir: tree.baseDir });
    expect(await textOf(train$)).toBe('zero');
    expect(await textOf(train$)).toBe('one');
    expect(await textOf(train$)).toBe('two');
    await fed;
    expect(tree.readState('train')).toBe('3');
  });

  it('opens exactly as many FIFOs as repeat asks for', async () => {
    const tree = newTree();
    const fed = tree.feed('train', [Buffer.from('a'), Buffer.from('b')]);
    tree.makeFifo('train', 2);
    expect(await textOf(channel('train', { baseDir: tree.baseDir }).pipe(repeat(2)))).toBe('ab');
    await fed;
    expect(tree.readState('train')).toBe('2');
  });

  it('continues at the epoch of the state file', async () => {
    const tree = newTree();
    writeFileSync(tree.statePath('train'), '7\n');
    tree.makeFifo('train', 7);
    const text = textOf(channel('train', { baseDir: tree.baseDir }));
    const writer = await FifoWriter.open(tree.fifoPath('train', 7));
    await writer.write(Buffer.from('seven'));
    writer.close();
    expect(await text).toBe('seven');
    expect(tree.readState('train')).toBe('8');
  });

  it('uses an option for each of its folders', async () => {
    const tree = newTree();
    const elsewhere = newFolder();
    const fed = tree.feed('train', [Buffer.from('zero')]);
    const text = await textOf(
      channel('train', {
        pipeDir: join(tree.baseDir, 'input/data'),
        configDir: join(tree.baseDir, 'input/config'),
        stateDir: join(elsewhere, 'made/on/demand'),
      }),
    );
    await fed;
    expect(text).toBe('zero');
  });

  it('uses SAGEMAKER_BASE_DIR by default', async () => {
    const tree = newTree();
    process.env['SAGEMAKER_BASE_DIR'] = tree.baseDir;
    try {
      const fed = tree.feed('train', [Buffer.from('zero')]);
      expect(await textOf(channel('train'))).toBe('zero');
      await fed;
    } finally {
      delete process.env['SAGEMAKER_BASE_DIR'];
    }
  });

  it('claims no epoch before the first byte is wanted, or before its FIFO exists', async () => {
    const tree = newTree();
    const consumer = consumeByHand(channel('train', { baseDir: tree.baseDir }));
    tree.makeFifo('train', 0);
    await settle();
    expect(() => tree.readState('train')).toThrow('ENOENT');
    tree.remove(tree.fifoPath('train', 0));
    consumer.gate.open();
    await settle();
    expect(() => tree.readState('train')).toThrow('ENOENT');
    tree.makeFifo('train', 0);
    const writer = await FifoWriter.open(tree.fifoPath('train', 0));
    expect(tree.readState('train')).toBe('1');
    writer.close();
    await until(() => consumer.ending() === 'complete');
  });

  it('gives each of many simultaneous subscriptions its own epoch', async () => {
    const tree = newTree();
    const count = 10;
    const epochs = Array.from({ length: count }, (_, epoch) => Buffer.from(String(epoch)));
    const fed = tree.feed('train', epochs);
    const texts = await Promise.all(epochs.map(() => textOf(channel('train', { baseDir: tree.baseDir }))));
    await fed;
    expect(texts.map(Number).sort((a, b) => a - b)).toEqual(epochs.map((_, epoch) => epoch));
  });

  it('reads the only channel, or `training`, by default', async () => {
    const pipe = { TrainingInputMode: 'Pipe' };
    for (const [config, name] of [
      [{ digits: pipe }, 'digits'],
      [{ validation: pipe, training: pipe }, 'training'],
    ] as const) {
      const tree = newTree(config);
      const fed = tree.feed(name, [Buffer.from('zero')]);
      expect(await textOf(channel(undefined, { baseDir: tree.baseDir }))).toBe('zero');
      await fed;
      expect(tree.readState(name)).toBe('1');
    }
    const without = newTree({ train: pipe, validation: pipe });
    await expect(textOf(channel(undefined, { baseDir: without.baseDir }))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_NOT_FOUND',
      message: expect.stringContaining('no channel training'),
    });
  });

  it('throws at the call for an invalid name', () => {
    const noNames = ['', '.', '..', 'a/b', '../train', '/train', 'a\\b', 'a\0', 'a\n', 'a b', 'x'.repeat(65), 'naïve'];
    for (const name of noNames) {
      expect(() => channel(name)).toThrow(expect.objectContaining({ name: 'ConfigError', code: 'ERR_CONFIG' }));
    }
    expect(() => channel('a_1.B-2')).not.toThrow();
    expect(() => channel('train', { openTimeoutMs: 0 })).toThrow(/openTimeoutMs/);
  });

  it('lists the channels if the requested one does not exist', async () => {
    const pipe = { TrainingInputMode: 'Pipe' };
    const tree = newTree({ train: pipe, validation: pipe });
    await expect(textOf(channel('test', { baseDir: tree.baseDir }))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_NOT_FOUND',
      channels: ['train', 'validation'],
      message: expect.stringContaining('train, validation'),
    });
    await expect(textOf(channel('constructor', { baseDir: tree.baseDir }))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_NOT_FOUND',
    });
  });

  it('accepts any case and unknown keys in the job’s configuration, and rejects other modes than Pipe', async () => {
    const tree = newTree({
      train: { TrainingInputMode: 'pIpE', Novelty: 1 },
      files: { TrainingInputMode: 'FastFile' },
    });
    const fed = tree.feed('train', [Buffer.from('zero')]);
    expect(await textOf(channel('train', { baseDir: tree.baseDir }))).toBe('zero');
    await fed;
    await expect(textOf(channel('files', { baseDir: tree.baseDir }))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_MODE',
      message: expect.stringContaining('FastFile'),
    });
  });

  it('notifies a ConfigError with the path for a configuration that is missing, not JSON, or invalid', async () => {
    const wrong = newTree({ train: { TrainingInputMode: 7 } });
    await expect(textOf(channel('train', { baseDir: wrong.baseDir }))).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      path: 'train.TrainingInputMode',
    });
    await expect(textOf(channel('train', { baseDir: newTree('{').baseDir }))).rejects.toThrow(/is not JSON/);
    await expect(textOf(channel('train', { baseDir: newFolder() }))).rejects.toThrow(/cannot be read.*millrace local/s);
  });

  it('fails at the third empty epoch in a row, and not before', async () => {
    const tree = newTree();
    const empty = Buffer.alloc(0);
    void tree.feed('train', [empty, empty, Buffer.from('data'), empty, empty, empty]);
    const train$ = channel('train', { baseDir: tree.baseDir });
    for (const expected of ['', '', 'data', '', '']) expect(await textOf(train$)).toBe(expected);
    await expect(textOf(train$)).rejects.toMatchObject({ code: 'ERR_CHANNEL_EMPTY' });
  });

  it('reads any number of empty epochs with allowEmpty', async () => {
    const tree = newTree();
    const fed = tree.feed(
      'train',
      Array.from({ length: 5 }, () => Buffer.alloc(0)),
    );
    expect(await textOf(channel('train', { baseDir: tree.baseDir, allowEmpty: true }).pipe(repeat(5)))).toBe('');
    await fed;
  });

  it('names the FIFO if it does not appear in time', async () => {
    const tree = newTree();
    await expect(textOf(channel('train', { baseDir: tree.baseDir, openTimeoutMs: 20 }))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_OPEN_TIMEOUT',
      path: tree.fifoPath('train', 0),
    });
  });

  it('rejects a file at the path of its FIFO, without taking the epoch', async () => {
    const tree = newTree();
    writeFileSync(tree.fifoPath('train', 0), 'no fifo');
    await expect(textOf(channel('train', { baseDir: tree.baseDir }))).rejects.toMatchObject({ code: 'ERR_CHANNEL_IO' });
    expect(() => tree.readState('train')).toThrow('ENOENT');
  });

  it('names the fault of a state that is not a number or cannot be stored', async () => {
    const garbage = newTree();
    writeFileSync(garbage.statePath('train'), 'seven');
    await expect(textOf(channel('train', { baseDir: garbage.baseDir }))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_STATE',
      message: expect.stringContaining('"seven"'),
    });
    const blocked = newTree();
    blocked.makeFifo('train', 0);
    mkdirSync(`${blocked.statePath('train')}.new`);
    await expect(textOf(channel('train', { baseDir: blocked.baseDir }))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_STATE',
      errno: 'EISDIR',
    });
    const noFolder = newTree();
    rmSync(join(noFolder.baseDir, 'pipe_state'), { recursive: true });
    writeFileSync(join(noFolder.baseDir, 'pipe_state'), '');
    await expect(textOf(channel('train', { baseDir: noFolder.baseDir }))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_STATE',
    });
  });

  it('warns about an epoch that a process took and never opened', async () => {
    const tree = newTree();
    writeFileSync(tree.statePath('train'), '3');
    writeFileSync(join(tree.baseDir, 'pipe_state/.train-pipe_mode-opening'), '2');
    const warnings = await collectWarnings(async () => {
      tree.makeFifo('train', 3);
      const text = textOf(channel('train', { baseDir: tree.baseDir }));
      (await FifoWriter.open(tree.fifoPath('train', 3))).close();
      await text;
    });
    expect(warnings).toEqual([{ code: 'MILLRACE_SKIPPED_EPOCH', message: expect.stringContaining('Epoch 2') }]);
  });

  it('closes the FIFO and its timer when it is stopped at any time', async () => {
    const tree = newTree();
    const controller = new AbortController();
    const waiting = textOf(channel('train', { baseDir: tree.baseDir, signal: controller.signal }));
    await nextTurn();
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    const fed = tree.feed('train', [Buffer.alloc(500_000)]);
    await firstValueFrom(channel('train', { baseDir: tree.baseDir }).pipe(take(1)));
    await fed;
    await settle();
    expect(descriptorsBelow(tree.baseDir)).toEqual([]);
  });
});
