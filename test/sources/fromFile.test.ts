import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, take, toArray } from 'rxjs';
import { fromFile } from '../../src/sources/fromFile.js';
import { makeFifo, until } from '../support/fifoWriter.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { descriptorsBelow } from '../support/openHandles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

function fileOf(bytes: Uint8Array): { folder: string; path: string } {
  const folder = newFolder();
  const path = join(folder, 'file');
  writeFileSync(path, bytes);
  return { folder, path };
}

describe('fromFile', () => {
  it('reads every byte, in chunks of the requested size', async () => {
    const bytes = Buffer.from(Array.from({ length: 2500 }, (_, index) => index % 251));
    const chunks = await firstValueFrom(fromFile(fileOf(bytes).path, { chunkBytes: 1000 }).pipe(toArray()));
    expect(chunks.map((chunk) => chunk.length)).toEqual([1000, 1000, 500]);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('completes without a chunk for an empty file', async () => {
    expect(await firstValueFrom(fromFile(fileOf(Buffer.alloc(0)).path).pipe(toArray()))).toEqual([]);
  });

  it('allocates no more memory than the size of a small file', async () => {
    const [chunk] = await firstValueFrom(fromFile(fileOf(Buffer.alloc(10)).path).pipe(toArray()));
    expect(chunk?.buffer.byteLength).toBe(10);
  });

  it('reads one chunk at a time, and nothing before it is wanted', async () => {
    const { folder, path } = fileOf(Buffer.alloc(10_000));
    const consumer = consumeByHand(fromFile(path, { chunkBytes: 1000 }), { onItem: (_item, gate) => gate.close() });
    expect(descriptorsBelow(folder)).toEqual([]);
    for (const count of [1, 2, 3]) {
      consumer.gate.open();
      await until(() => consumer.items.length === count);
    }
    consumer.subscription.unsubscribe();
    await until(() => descriptorsBelow(folder).length === 0);
  });

  it('closes its descriptor at the end, and if it is stopped during opening or reading', async () => {
    const { folder, path } = fileOf(Buffer.alloc(10_000));
    await firstValueFrom(fromFile(path).pipe(toArray()));
    await until(() => descriptorsBelow(folder).length === 0);
    await firstValueFrom(fromFile(path, { chunkBytes: 1000 }).pipe(take(1)));
    await until(() => descriptorsBelow(folder).length === 0);
    const { subscription } = consumeByHand(fromFile(path), { isOpen: true });
    subscription.unsubscribe();
    await until(() => descriptorsBelow(folder).length === 0);
  });

  it('notifies a ChannelError for a missing file, and for a folder', async () => {
    const folder = newFolder();
    await expect(firstValueFrom(fromFile(join(folder, 'none')))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_IO',
      errno: 'ENOENT',
    });
    await expect(firstValueFrom(fromFile(folder))).rejects.toThrow(/not a regular file/);
    await until(() => descriptorsBelow(folder).length === 0);
  });

  it('ends with the signal’s reason when it is aborted', async () => {
    const { path } = fileOf(Buffer.alloc(10));
    const reason = new Error('enough');
    await expect(firstValueFrom(fromFile(path, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  });

  it('throws at the call for bad options', () => {
    expect(() => fromFile('p', { chunkBytes: 0 })).toThrow(/chunkBytes/);
  });

  it('rejects a FIFO at once, without waiting for its writer', async () => {
    const path = makeFifo(join(newFolder(), 'fifo'));
    await expect(firstValueFrom(fromFile(path))).rejects.toThrow(/fromFifo/);
  });
});
