import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it, jest } from '@jest/globals';
import { concatMap, defer, firstValueFrom, repeat, take, toArray, type Observable } from 'rxjs';
import { fromReadable } from '../../src/sources/fromReadable.js';
import { FifoWriter, feedFifo, makeFifo, nextTurn, until } from '../support/fifoWriter.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { descriptorsBelow, settle } from '../support/openHandles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { compiledUrl } from '../support/compiled.js';

const newFolder = temporaryFolders();
const MODULE = compiledUrl('src/sources/fromReadable.ts');
const CHUNK_BYTES = 64 * 1024;

async function bytesOf(bytes$: Observable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await firstValueFrom(bytes$.pipe(toArray())));
}

function fileOf(bytes: Uint8Array): { folder: string; path: string } {
  const folder = newFolder();
  const path = join(folder, 'file');
  writeFileSync(path, bytes);
  return { folder, path };
}

const numbered = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, index) => index % 251));

/** Makes a web stream that counts requests. */
function webStream(chunks: readonly unknown[]): {
  stream: ReadableStream<Uint8Array>;
  made: () => number;
  cancelled: jest.Mock;
} {
  let made = 0;
  const cancelled = jest.fn();
  const stream = new ReadableStream(
    {
      pull(controller) {
        if (made === chunks.length) controller.close();
        else controller.enqueue(chunks[made++]);
      },
      cancel: () => void cancelled(),
    },
    { highWaterMark: 0 },
  );
  return { stream, made: () => made, cancelled };
}

describe('fromReadable', () => {
  it('reads every byte of a Node stream, as plain Uint8Arrays', async () => {
    const bytes = numbered(300_000);
    const { folder, path } = fileOf(bytes);
    const chunks = await firstValueFrom(fromReadable(createReadStream(path)).pipe(toArray()));
    expect(chunks.every((chunk) => Object.getPrototypeOf(chunk) === Uint8Array.prototype)).toBe(true);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    await until(() => descriptorsBelow(folder).length === 0);
  });

  it('reads a FIFO to its end', async () => {
    const path = makeFifo(join(newFolder(), 'fifo'));
    const bytes = numbered(500_000);
    const [read] = await Promise.all([bytesOf(fromReadable(createReadStream(path))), feedFifo(path, bytes)]);
    expect(read.equals(bytes)).toBe(true);
  });

  it('reads standard input, and lets the process end after take', async () => {
    const script = `
      import { stdin } from 'node:process';
      import { take } from 'rxjs';
      import { fromReadable } from ${JSON.stringify(MODULE)};
      fromReadable(stdin).pipe(take(1)).subscribe((chunk) => console.log(Buffer.from(chunk).toString()));`;
    const child = spawn(execPath, ['--input-type=module', '--eval', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stdin.write('a line');
    // The input stays open, so the process ends only if it releases the input.
    const [code] = (await once(child, 'close')) as [number];
    expect([code, Buffer.concat(output).toString()]).toEqual([0, 'a line\n']);
  }, 30_000);

  it('reads the body of a fetch', async () => {
    const bytes = numbered(300_000);
    const server = createServer((_request, response) => response.end(bytes)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const twice$ = defer(() => fetch(url)).pipe(
      concatMap(({ body }) => fromReadable(body!)),
      repeat(2),
    );
    const read = await bytesOf(twice$);
    server.close();
    expect(read.equals(Buffer.concat([bytes, bytes]))).toBe(true);
  });

  it('requests nothing from a Node stream before it is wanted, then at most the size of its buffer', async () => {
    const { path } = fileOf(Buffer.alloc(50 * CHUNK_BYTES));
    const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES });
    const consumer = consumeByHand(fromReadable(stream), { onItem: (_chunk, gate) => gate.close() });
    await settle();
    expect(stream.bytesRead).toBe(0);
    for (let count = 1; count <= 10; count++) {
      consumer.gate.open();
      await until(() => consumer.items.length === count);
      await settle();
      expect(consumer.items).toHaveLength(count);
      expect(stream.bytesRead).toBeLessThanOrEqual((count + 2) * CHUNK_BYTES);
    }
    consumer.subscription.unsubscribe();
  });

  it('keeps a chunk that arrives when it is no longer wanted', async () => {
    const stream = new PassThrough();
    const consumer = consumeByHand(fromReadable(stream), { isOpen: true });
    consumer.gate.close();
    stream.end('late');
    await settle();
    expect([consumer.items, consumer.ending()]).toEqual([[], undefined]);
    consumer.gate.open();
    await until(() => consumer.ending() === 'complete');
    expect(Buffer.concat(consumer.items).toString()).toBe('late');
  });

  it('requests one chunk at a time from a web stream', async () => {
    const { stream, made } = webStream(Array.from({ length: 5 }, () => numbered(10)));
    const consumer = consumeByHand(fromReadable(stream), { onItem: (_chunk, gate) => gate.close() });
    await settle();
    expect(made()).toBe(0);
    for (let count = 1; count <= 5; count++) {
      consumer.gate.open();
      await until(() => consumer.items.length === count);
      await settle();
      expect(made()).toBe(count);
    }
    consumer.gate.open();
    await until(() => consumer.ending() === 'complete');
  });

  it('destroys a Node stream when it is unsubscribed, also while the stream waits for data', async () => {
    const { folder, path } = fileOf(Buffer.alloc(10 * CHUNK_BYTES));
    await firstValueFrom(fromReadable(createReadStream(path)).pipe(take(1)));
    await until(() => descriptorsBelow(folder).length === 0);
    const fifo = makeFifo(join(folder, 'fifo'));
    const { subscription } = consumeByHand(fromReadable(createReadStream(fifo)), { isOpen: true });
    const writer = await FifoWriter.open(fifo);
    subscription.unsubscribe();
    // A read inside the kernel ends with its writer.
    writer.close();
    await until(() => descriptorsBelow(folder).length === 0);
  });

  it('cancels a web stream when it is unsubscribed, also while the stream waits for data', async () => {
    const { stream, cancelled } = webStream([numbered(1), numbered(1)]);
    await firstValueFrom(fromReadable(stream).pipe(take(1)));
    expect(cancelled).toHaveBeenCalledTimes(1);
    const onCancel = jest.fn<() => void>();
    const silent = new ReadableStream<Uint8Array>({ cancel: () => onCancel() });
    const { subscription } = consumeByHand(fromReadable(silent), { isOpen: true });
    await nextTurn();
    subscription.unsubscribe();
    expect(onCancel).toHaveBeenCalledTimes(1);
  });

  it('notifies a ChannelError with the stream’s error as cause, after the earlier chunks', async () => {
    const path = join(newFolder(), 'none');
    await expect(bytesOf(fromReadable(createReadStream(path)))).rejects.toMatchObject({
      code: 'ERR_CHANNEL_IO',
      path,
      errno: 'ENOENT',
      cause: expect.objectContaining({ syscall: 'open' }),
    });
    const failure = new Error('the network');
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(failure);
      },
    });
    await expect(bytesOf(fromReadable(stream))).rejects.toMatchObject({ code: 'ERR_CHANNEL_IO', cause: failure });
    const broken = new PassThrough();
    const consumer = consumeByHand(fromReadable(broken), { isOpen: true });
    broken.write('before');
    await until(() => consumer.items.length === 1);
    broken.destroy(failure);
    await until(() => consumer.ending() !== undefined);
    expect(consumer.ending()).toMatchObject({ message: expect.stringContaining('the network'), cause: failure });
  });

  it('fails if a stream is closed before its end', async () => {
    const stream = new PassThrough();
    const consumer = consumeByHand(fromReadable(stream), { isOpen: true });
    stream.destroy();
    await until(() => consumer.ending() !== undefined);
    expect(consumer.ending()).toMatchObject({ code: 'ERR_CHANNEL_IO', errno: 'ERR_STREAM_PREMATURE_CLOSE' });
  });

  it('fails at a second reading of a stream', async () => {
    const expected = { code: 'ERR_CHANNEL_IO', message: expect.stringContaining('read only once') };
    const stream = createReadStream(fileOf(numbered(10)).path);
    const bytes$ = fromReadable(stream);
    expect(await bytesOf(bytes$)).toHaveLength(10);
    await expect(bytesOf(bytes$)).rejects.toMatchObject(expected);
    await expect(bytesOf(fromReadable(stream))).rejects.toMatchObject(expected);
    const locked = webStream([]).stream;
    locked.getReader();
    await expect(bytesOf(fromReadable(locked))).rejects.toMatchObject(expected);
  });

  it('rejects strings and other chunks that are not bytes', async () => {
    const text = createReadStream(fileOf(numbered(10)).path).setEncoding('utf8');
    for (const stream of [text, Readable.from(['text']), webStream(['text']).stream]) {
      await expect(bytesOf(fromReadable(stream))).rejects.toMatchObject({
        code: 'ERR_CONFIG',
        message: expect.stringMatching(/found a string: do not call setEncoding/),
      });
    }
    await expect(bytesOf(fromReadable(Readable.from([1])))).rejects.toThrow('type number');
  });

  it('releases the stream if the signal was already aborted', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    const stream = new PassThrough();
    await expect(bytesOf(fromReadable(stream, { signal }))).rejects.toBe(signal.reason);
    expect(stream.destroyed).toBe(true);
    let isCancelled = false;
    const web = new ReadableStream<Uint8Array>({ cancel: () => void (isCancelled = true) });
    await expect(bytesOf(fromReadable(web, { signal }))).rejects.toBe(signal.reason);
    expect(isCancelled).toBe(true);
  });

  it('ends with the signal’s reason when it is aborted, and releases the stream', async () => {
    const reason = new Error('enough');
    const stream = new PassThrough();
    const controller = new AbortController();
    const waiting = bytesOf(fromReadable(stream, { signal: controller.signal }));
    await nextTurn();
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(stream.destroyed).toBe(true);
  });

  it('throws at the call if the argument is not a stream', () => {
    for (const wrong of [undefined, null, 'path', new Uint8Array(1), { getReader: 1 }]) {
      expect(() => fromReadable(wrong as unknown as Readable)).toThrow(
        expect.objectContaining({ code: 'ERR_CONFIG', path: 'stream' }),
      );
    }
  });
});
