import { execFileSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from '@jest/globals';
import { lastValueFrom, repeat, toArray } from 'rxjs';
import { prefetch } from '../../operators/prefetch.js';
import { channel } from '../../src/sources/channel.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import type * as sources from '../../src/sources/inWorker.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { compiled, compiledUrl } from '../support/compiled.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { TrainingTree } from '../support/trainingTree.js';

const newFolder = temporaryFolders();
const stop: (() => void)[] = [];
afterEach(() => stop.splice(0).forEach((each) => each()));

/** Returns the messages of a channel, which are added as they come. */
function messagesOf(name: string): unknown[] {
  const messages: unknown[] = [];
  const listener = (message: unknown): void => void messages.push(message);
  subscribe(name, listener);
  stop.push(() => unsubscribe(name, listener));
  return messages;
}

describe('the channels of node:diagnostics_channel', () => {
  it('millrace:gate tells when a gate opens and closes', () => {
    const messages = messagesOf('millrace:gate');
    const { gate } = consumeByHand(fromIterable([1, 2, 3]).pipe(prefetch(1)), {
      onItem: (_item, opened) => opened.close(),
    });
    expect(messages.splice(0)).toEqual([{ name: 'prefetch(1)', isOpen: false }]);
    gate.open();
    expect(messages.splice(0)).toEqual([
      { name: 'a consumer', isOpen: true },
      { name: 'a consumer', isOpen: false },
      { name: 'prefetch(1)', isOpen: true },
      { name: 'prefetch(1)', isOpen: false },
    ]);
    gate.close();
    expect(messages).toEqual([]);
  });

  it('millrace:source tells how each subscription of a source ends', () => {
    const messages = messagesOf('millrace:source');
    fromIterable([1]).subscribe();
    fromIterable({
      *[Symbol.iterator]() {
        yield 1;
        throw new Error('broken');
      },
    }).subscribe({ error: () => undefined });
    consumeByHand(fromIterable([1])).subscription.unsubscribe();
    const of = (ending: string) => [
      { name: 'fromIterable', event: 'open' },
      { name: 'fromIterable', event: 'close', ending },
    ];
    expect(messages).toEqual([...of('completed'), ...of('failed'), ...of('unsubscribed')]);
  });

  it('millrace:epoch tells which epoch of a channel a reader has opened', async () => {
    const messages = messagesOf('millrace:epoch');
    const tree = new TrainingTree(newFolder());
    const fed = tree.feed('train', [Buffer.from('a'), Buffer.from('b')]);
    await lastValueFrom(channel('train', { baseDir: tree.baseDir }).pipe(repeat(2)));
    await fed;
    expect(messages).toEqual([0, 1].map((epoch) => ({ channel: 'train', epoch, path: tree.fifoPath('train', epoch) })));
  });

  it('millrace:worker tells when a thread starts and exits', async () => {
    const messages = messagesOf('millrace:worker');
    // A worker of the compiled package starts without tsx, which takes most of a second.
    const { inWorker } = (await import(compiled('src/sources/inWorker.ts'))) as typeof sources;
    const module = compiledUrl('test/workers/pipelines.ts');
    const item$ = inWorker(new URL(module), { exportName: 'pipeline' });
    expect(await lastValueFrom(item$.pipe(toArray()))).toEqual(['a', 'b']);
    await item$.close();
    // Idle threads of earlier test files may exit in the meantime.
    const own = (messages as readonly { readonly module: string }[]).filter((message) => message.module === module);
    expect(own).toMatchObject([
      { name: expect.stringContaining('inWorker'), module, event: 'start' },
      { module, event: 'exit', exitCode: expect.any(Number) },
    ]);
  });

  it('a listener that throws does not disturb the pipeline', () => {
    const script = `
      import { subscribe } from 'node:diagnostics_channel';
      import { fromIterable } from '${compiledUrl('src/sources/fromIterable.ts')}';
      process.on('uncaughtException', ({ message }) => console.log(message));
      subscribe('millrace:source', () => { throw new Error('broken') });
      fromIterable([1, 2]).subscribe((item) => console.log(item));`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(printed).toBe('1\n2\nbroken\nbroken\n');
  });
});
