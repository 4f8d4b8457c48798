import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Subscription, firstValueFrom, merge, take, toArray, type Observable } from 'rxjs';
import { decodeRecordIO } from '../../operators/decodeRecordIO.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { mergeChannels } from '../../operators/mergeChannels.js';
import { prefetch } from '../../operators/prefetch.js';
import { encodeRecordIO } from '../../src/formats/recordio/encodeRecordIO.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromFifo } from '../../src/sources/fromFifo.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { FifoWriter, feedFifo, makeFifo, nextTurn, until } from '../support/fifoWriter.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { descriptorsBelow, settle } from '../support/openHandles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

type Lines = Observable<string>;

const newFolder = temporaryFolders();
const newFifo = (): string => makeFifo(join(newFolder(), 'fifo'));
const text = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString();

describe('fromFifo', () => {
  it('reads every byte, and completes when the writer closes', async () => {
    const path = newFifo();
    const bytes = Buffer.alloc(3_000_000, 'millrace');
    const [chunks] = await Promise.all([firstValueFrom(fromFifo(path).pipe(toArray())), feedFifo(path, bytes)]);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('delivers a byte as soon as it is written', async () => {
    const path = newFifo();
    const { items, subscription } = consumeByHand(fromFifo(path), { isOpen: true });
    const writer = await FifoWriter.open(path);
    for (const byte of [1, 2, 3]) {
      await writer.write(Uint8Array.of(byte));
      await until(() => items.length === byte);
    }
    expect(items.map((chunk) => [...chunk])).toEqual([[1], [2], [3]]);
    subscription.unsubscribe();
    writer.close();
  });

  it('reads most of a large record into the memory of the record, and never overwrites it', async () => {
    const path = newFifo();
    const sizes = [700_000, 300_000, 10, 262_144, 70_000, 1_000_000, 0, 400_000];
    const records = sizes.map((size, index) => Buffer.alloc(size, index + 1));
    const { items, gate } = consumeByHand(fromFifo(path).pipe(decodeRecordIO()), {
      onItem: (_record, ownGate) => ownGate.close(),
    });
    const fed = feedFifo(path, Buffer.concat(records.map((record) => encodeRecordIO(record))));
    for (const count of records.keys()) {
      gate.open();
      await until(() => items.length === count + 1);
    }
    await fed;
    expect(items.map((record) => record.length)).toEqual(sizes);
    expect(items.every((record, index) => Buffer.compare(record, records[index] ?? record) === 0)).toBe(true);
    const largest = items.map(({ buffer }) => buffer.byteLength).sort((a, b) => b - a);
    expect(largest[0]).toBeLessThan(1_100_000);
    expect(largest[0]).toBeGreaterThan(1_000_000);
  });

  it('never overwrites a chunk', async () => {
    const path = newFifo();
    const { items, subscription } = consumeByHand(fromFifo(path), { isOpen: true });
    const writer = await FifoWriter.open(path);
    for (let byte = 0; byte < 40; byte++) {
      await writer.write(Buffer.alloc(65_536, byte));
      await until(() => items.reduce((sum, chunk) => sum + chunk.length, 0) === (byte + 1) * 65_536);
    }
    let offset = 0;
    for (const chunk of items) {
      for (const byte of [0, chunk.length - 1]) expect(chunk[byte]).toBe(Math.floor((offset + byte) / 65_536));
      offset += chunk.length;
    }
    subscription.unsubscribe();
    writer.close();
  });

  it('completes without a chunk if its writer closes without a byte', async () => {
    const path = newFifo();
    const consumer = consumeByHand(fromFifo(path), { isOpen: true });
    (await FifoWriter.open(path)).close();
    await until(() => consumer.ending() !== undefined);
    expect([consumer.items, consumer.ending()]).toEqual([[], 'complete']);
  });

  it('does not open the FIFO before the first byte is wanted', async () => {
    const folder = newFolder();
    const path = makeFifo(join(folder, 'fifo'));
    const { gate, subscription } = consumeByHand(fromFifo(path));
    await settle();
    expect(descriptorsBelow(folder)).toEqual([]);
    gate.open();
    expect(descriptorsBelow(folder)).toEqual([path]);
    subscription.unsubscribe();
  });

  it('pauses while its gate is closed, and keeps at most one chunk', async () => {
    const path = newFifo();
    const consumer = consumeByHand(fromFifo(path), { onItem: (_chunk, gate) => gate.close() });
    consumer.gate.open();
    const writer = await FifoWriter.open(path);
    const total = 1024 * 1024;
    let written = 0;
    const writing = writer.write(Buffer.alloc(total)).then((count) => (written = count));
    await until(() => consumer.items.length === 1);
    await settle();
    expect(consumer.items.length).toBe(1);
    expect(written).toBe(0);
    while (consumer.items.reduce((sum, chunk) => sum + chunk.length, 0) < total) {
      const count = consumer.items.length;
      consumer.gate.open();
      await until(() => consumer.items.length > count);
      expect(consumer.items.length).toBe(count + 1);
    }
    await writing;
    expect(written).toBe(total);
    writer.close();
    consumer.gate.open();
    await until(() => consumer.ending() === 'complete');
  });

  it('waits for a FIFO that appears late', async () => {
    const path = join(newFolder(), 'late');
    const chunks = firstValueFrom(fromFifo(path).pipe(toArray()));
    await nextTurn();
    makeFifo(path);
    await feedFifo(path, Buffer.from('late'));
    expect(text(await chunks)).toBe('late');
  });

  it('lists the folder if no FIFO appears in time', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'train_0'), '');
    await expect(firstValueFrom(fromFifo(join(folder, 'train_1'), { openTimeoutMs: 20 }))).rejects.toMatchObject({
      name: 'ChannelError',
      code: 'ERR_CHANNEL_OPEN_TIMEOUT',
      message: expect.stringContaining('contains train_0'),
    });
  });

  it('rejects a regular file and a folder, with a remedy', async () => {
    const folder = newFolder();
    const file = join(folder, 'file');
    writeFileSync(file, 'x');
    await expect(firstValueFrom(fromFifo(file))).rejects.toThrow(/regular file.*fromFile/);
    await expect(firstValueFrom(fromFifo(folder))).rejects.toThrow(/a folder/);
    expect(descriptorsBelow(folder)).toEqual([]);
  });

  it('fails after idleTimeoutMs of silence, also before the first byte', async () => {
    const path = newFifo();
    await expect(firstValueFrom(fromFifo(path, { idleTimeoutMs: 20 }))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_IDLE_TIMEOUT',
      path,
    });
  });

  it('does not mistake a blocked thread for silence', async () => {
    const path = newFifo();
    const consumer = consumeByHand(fromFifo(path, { idleTimeoutMs: 1000 }), { isOpen: true });
    const writer = await FifoWriter.open(path);
    await writer.write(Uint8Array.of(1));
    await until(() => consumer.items.length === 1);
    execFileSync('sh', ['-c', `printf x > ${path}; sleep 1.1`]);
    await until(() => consumer.items.length === 2);
    expect(consumer.ending()).toBeUndefined();
    consumer.subscription.unsubscribe();
    writer.close();
  });

  it('does not count the time without demand as silence', async () => {
    const path = newFifo();
    const consumer = consumeByHand(fromFifo(path, { idleTimeoutMs: 1000 }), { isOpen: true });
    const writer = await FifoWriter.open(path);
    await writer.write(Uint8Array.of(1));
    await until(() => consumer.items.length === 1);
    consumer.gate.close();
    await writer.write(Uint8Array.of(2));
    // The requested chunk is read and held. After that, nothing is requested.
    await until(() => consumer.gate.waiting === 1);
    const other = firstValueFrom(fromFifo(newFifo(), { idleTimeoutMs: 1500 }));
    await expect(other).rejects.toThrow('has delivered no data');
    expect(consumer.ending()).toBeUndefined();
    consumer.gate.open();
    expect(consumer.items.length).toBe(2);
    consumer.subscription.unsubscribe();
    writer.close();
  });

  it.each([
    ['RxJS’s merge', (a$: Lines, b$: Lines): Lines => merge(a$, b$)],
    ['mergeChannels', (a$: Lines, b$: Lines): Lines => mergeChannels([a$, b$])],
    ['prefetch above mergeChannels', (a$: Lines, b$: Lines): Lines => mergeChannels([a$, b$.pipe(prefetch(2))])],
  ])('does not count a pause of the consumer as silence of the other FIFO of %s', async (_name, combine) => {
    const [a, b] = [newFifo(), newFifo()];
    const lines = (path: string): Lines =>
      fromFifo(path, { idleTimeoutMs: 1000 }).pipe(decodeTextLine({ encoding: 'utf8' }));
    const iterator = toAsyncIterable(combine(lines(a), lines(b)))[Symbol.asyncIterator]();
    const first = iterator.next();
    const writers = await Promise.all([FifoWriter.open(a), FifoWriter.open(b)]);
    await writers[0].write(Buffer.from('a1\na2\n'));
    expect((await first).value).toBe('a1');
    // The producer feeds both FIFOs, and waits at the first while the training pauses.
    const pause = firstValueFrom(fromFifo(newFifo(), { idleTimeoutMs: 2500 }));
    await expect(pause).rejects.toThrow('has delivered no data');
    expect((await iterator.next()).value).toBe('a2');
    const next = iterator.next();
    await writers[1].write(Buffer.from('b1\n'));
    expect((await next).value).toBe('b1');
    await iterator.return?.();
    for (const writer of writers) writer.close();
  });

  it('closes its descriptor at once when it is unsubscribed: waiting for the FIFO, for a writer, or in the data', async () => {
    const folder = newFolder();
    const missing = consumeByHand(fromFifo(join(folder, 'missing')), { isOpen: true });
    const silentPath = makeFifo(join(folder, 'silent'));
    const silent = consumeByHand(fromFifo(silentPath), { isOpen: true });
    const busyPath = makeFifo(join(folder, 'busy'));
    const busy = consumeByHand(fromFifo(busyPath), { isOpen: true });
    const writer = await FifoWriter.open(busyPath);
    const writing = writer.write(Buffer.alloc(10_000_000));
    await until(() => busy.items.length > 0);
    for (const { subscription } of [missing, silent, busy]) subscription.unsubscribe();
    expect(await writing).toBeLessThan(10_000_000);
    writer.close();
    await settle();
    expect(descriptorsBelow(folder)).toEqual([]);
  });

  it('is stopped by take', async () => {
    const folder = newFolder();
    const path = makeFifo(join(folder, 'fifo'));
    const first = firstValueFrom(fromFifo(path).pipe(take(1)));
    await feedFifo(path, Buffer.alloc(500_000));
    expect((await first).length).toBeGreaterThan(0);
    await settle();
    expect(descriptorsBelow(folder)).toEqual([]);
  });

  it('ends with the signal’s reason when it is aborted, before or while it waits', async () => {
    const path = newFifo();
    const reason = new Error('enough');
    await expect(firstValueFrom(fromFifo(path, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = firstValueFrom(fromFifo(path, { signal: controller.signal }));
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  it('blocks no thread while it waits: file operations continue with eight silent FIFOs', async () => {
    const waiting = new Subscription();
    for (let i = 0; i < 8; i++) waiting.add(consumeByHand(fromFifo(newFifo()), { isOpen: true }).subscription);
    expect((await readFile('package.json', 'utf8')).length).toBeGreaterThan(0);
    waiting.unsubscribe();
  });

  it('opens the FIFO again for each subscription', async () => {
    const path = newFifo();
    const bytes$ = fromFifo(path).pipe(toArray());
    for (const word of ['one', 'two']) {
      const [chunks] = await Promise.all([firstValueFrom(bytes$), feedFifo(path, Buffer.from(word))]);
      expect(text(chunks)).toBe(word);
    }
  });

  it('throws at the call for bad options', () => {
    expect(() => fromFifo('p', { openTimeoutMs: -1 })).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
    expect(() => fromFifo('p', { idleTimeoutMs: Infinity })).toThrow(/idleTimeoutMs/);
    expect(() => fromFifo('p', { openTimeout: 5 } as object)).toThrow(/openTimeout/);
  });

  it('does not warn while data arrives', async () => {
    const warnings = await collectWarnings(async () => {
      const path = newFifo();
      const all = firstValueFrom(fromFifo(path).pipe(toArray()));
      await feedFifo(path, Buffer.from('x'));
      await all;
    });
    expect(warnings).toEqual([]);
  });
});
