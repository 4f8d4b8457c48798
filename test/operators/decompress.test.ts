import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { brotliCompressSync, createDeflate, deflateSync, gzipSync, type Gunzip } from 'node:zlib';
import { describe, expect, it, jest } from '@jest/globals';
import {
  concat,
  finalize,
  from,
  lastValueFrom,
  map,
  merge,
  NEVER,
  of,
  repeat,
  take,
  tap,
  throwError,
  toArray,
  type Observable,
} from 'rxjs';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { decompress, type DecompressFormat } from '../../operators/decompress.js';
import { FormatError } from '../../src/base/errors.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { sniffCompression } from '../../src/formats/compression/sniffCompression.js';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { fromFifo } from '../../src/sources/fromFifo.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { fixtureBytes, fixtureJson } from '../formats/support/fixtures.js';
import { inChunksOf } from '../formats/support/readAll.js';
import { FifoWriter, makeFifo, nextTurn, until } from '../support/fifoWriter.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { descriptorsBelow } from '../support/openHandles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

interface Decompressed {
  readonly bytes: Buffer;
  readonly ending: unknown;
}

/** Returns the whole output, and `'complete'` or the error. */
async function outcomeOf(chunks: Observable<Uint8Array>, format: DecompressFormat = 'gzip'): Promise<Decompressed> {
  const outputs: Uint8Array[] = [];
  const ending = await new Promise<unknown>((resolve) => {
    chunks.pipe(decompress(format)).subscribe({
      next: (output) => outputs.push(output),
      error: resolve,
      complete: () => resolve('complete'),
    });
  });
  return { bytes: Buffer.concat(outputs), ending };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const faultOf = ({ ending }: Decompressed) => {
  if (!(ending instanceof FormatError)) throw new Error(`expected a FormatError, found ${String(ending)}`);
  const { kind, format, byteOffset } = ending;
  return { kind, format, byteOffset };
};

/** Makes a decompression bomb of this size. In one piece, the decompressed bytes would take 256 MiB. */
async function bombOf(mebibytes: number): Promise<Uint8Array> {
  const deflate = createDeflate();
  const parts: Uint8Array[] = [];
  deflate.on('data', (part: Buffer) => parts.push(part));
  const zeros = Buffer.alloc(2 ** 20);
  for (let i = 0; i < mebibytes; i++) await new Promise((resolve) => deflate.write(zeros, resolve));
  await new Promise<void>((resolve) => {
    deflate.on('end', resolve);
    deflate.end();
  });
  return Buffer.concat(parts);
}

/** The records of TensorFlow's compressed files. */
const { files } = fixtureJson('tfrecord/index.json') as {
  readonly files: readonly {
    readonly file: string;
    readonly compression: string | null;
    readonly records: unknown[];
  }[];
};
const golden = files.filter(({ compression }) => compression !== null);

describe('decompress', () => {
  it.each(golden)('decompresses a file of TensorFlow, cut into any chunks: $file', async ({ file, records }) => {
    const input = fixtureBytes(file);
    for (const format of [file.endsWith('.gz') ? 'gzip' : 'zlib', 'auto'] as const) {
      for (const size of [input.length, 4096, 501]) {
        const decoded$ = from(inChunksOf(size, input)).pipe(
          decompress(format),
          decodeTFRecord(),
          map((record) => ({ bytes: record.length, sha256: createHash('sha256').update(record).digest('hex') })),
          toArray(),
        );

        expect(await lastValueFrom(decoded$)).toEqual(records);
      }
    }
  });

  it('reads several gzip members as one, and zeros after the last as padding', async () => {
    const members = ['one', '', 'two', 'three'].map((text) => gzipSync(text));
    const input = Buffer.concat([...members, Buffer.alloc(10)]);
    for (const chunks of [[input], inChunksOf(1, input), [...members, Buffer.alloc(3), Buffer.alloc(7)]]) {
      expect(await outcomeOf(from(chunks))).toEqual({ bytes: Buffer.from('onetwothree'), ending: 'complete' });
    }
  });

  it.each(['gzip', 'zlib'] as const)('detects every truncation of %s, after the earlier output', async (format) => {
    const text = bytes('all that there is, '.repeat(20));
    const input = format === 'gzip' ? Buffer.concat([gzipSync('first '), gzipSync(text)]) : deflateSync(text);
    const whole = format === 'gzip' ? Buffer.concat([bytes('first '), text]) : Buffer.from(text);
    const boundaries = format === 'gzip' ? [0, gzipSync('first ').length, input.length] : [0, input.length];
    for (let length = 0; length <= input.length; length++) {
      const cut = input.subarray(0, length);
      for (const chunks of [[cut], inChunksOf(1, cut)]) {
        const outcome = await outcomeOf(from(chunks), format);
        expect(whole.subarray(0, outcome.bytes.length)).toEqual(outcome.bytes);
        if (boundaries.includes(length)) expect(outcome.ending).toBe('complete');
        else expect(faultOf(outcome)).toEqual({ kind: 'truncated', format, byteOffset: length });
        if (format === 'gzip' && length >= boundaries[1]!) expect(outcome.bytes.length).toBeGreaterThanOrEqual(6);
      }
    }
  });

  it('reports the position of zlib at a fault, after the earlier output', async () => {
    const sound = randomBytes(300_000);
    const input = gzipSync(sound);
    input.fill(0xff, 250_000, 250_100);
    const outcome = await outcomeOf(from(inChunksOf(10_000, input)));
    const fault = faultOf(outcome);
    expect(fault).toMatchObject({ kind: expect.stringMatching(/malformed|checksum/), format: 'gzip' });
    // Random bytes are stored uncompressed. The damage may be in the payload, and then only the checksum shows it.
    expect(fault.byteOffset).toBeGreaterThanOrEqual(240_000);
    expect(outcome.bytes.subarray(0, 240_000).equals(sound.subarray(0, 240_000))).toBe(true);
  });

  it('detects a wrong checksum, a wrong header, a wrong block, and bytes after the end', async () => {
    const damaged = gzipSync('some text');
    damaged[damaged.length - 8]! ^= 1;
    expect(faultOf(await outcomeOf(of(damaged)))).toMatchObject({ kind: 'checksum', format: 'gzip' });
    const plain = await outcomeOf(of(bytes('no gzip at all')));
    expect(faultOf(plain)).toEqual({ kind: 'malformed', format: 'gzip', byteOffset: 0 });
    expect(String(plain.ending)).toContain('The data may be damaged, already decompressed, or not gzip');
    expect(faultOf(await outcomeOf(of(Uint8Array.of(0x78, 0x9c, 0xff, 0xff)), 'zlib'))).toMatchObject({
      kind: 'malformed',
      format: 'zlib',
    });
    const compressed = deflateSync('text');
    for (const chunks of [[Buffer.concat([compressed, Buffer.from('\0more')])], [compressed, bytes('\0more')]]) {
      const outcome = await outcomeOf(from(chunks), 'zlib');
      expect(outcome.bytes.toString()).toBe('text');
      expect(faultOf(outcome)).toEqual({ kind: 'malformed', format: 'zlib', byteOffset: compressed.length + 1 });
    }
    const garbage = await outcomeOf(of(gzipSync('text'), bytes('more')));
    expect(garbage.bytes.toString()).toBe('text');
    expect(faultOf(garbage)).toEqual({ kind: 'malformed', format: 'gzip', byteOffset: gzipSync('text').length });
    expect(String(garbage.ending)).toContain('after the compressed data, found more bytes');
  });

  it('reports the offset of bytes after gzip members, in the same chunk or in another', async () => {
    const members = Buffer.concat([gzipSync('one'), gzipSync('two')]);
    const input = Buffer.concat([members, Buffer.from('more')]);
    for (const chunks of [[input], [members, bytes('more')]]) {
      const outcome = await outcomeOf(from(chunks));
      expect(faultOf(outcome)).toEqual({ kind: 'malformed', format: 'gzip', byteOffset: members.length });
    }
  });

  it('reads a gzip member after padding', async () => {
    const input = Buffer.concat([gzipSync('one'), Buffer.alloc(600), gzipSync('two')]);
    for (const size of [1, 100, input.length]) {
      expect(await outcomeOf(from(inChunksOf(size, input)))).toEqual({
        bytes: Buffer.from('onetwo'),
        ending: 'complete',
      });
    }
  });

  it('decompresses brotli, and detects its truncation', async () => {
    const input = brotliCompressSync('some text, '.repeat(100));
    for (const chunks of [[input], inChunksOf(1, input)]) {
      const outcome = await outcomeOf(from(chunks), 'brotli');
      expect(outcome).toEqual({ bytes: Buffer.from('some text, '.repeat(100)), ending: 'complete' });
    }
    const cut = await outcomeOf(of(input.subarray(0, -2)), 'brotli');
    expect(faultOf(cut)).toEqual({ kind: 'truncated', format: 'brotli', byteOffset: input.length - 2 });
  });

  it('emits its output before its source’s error', async () => {
    const source = concat(
      of(gzipSync('text').subarray(0, -4)),
      throwError(() => 'source'),
    );
    expect(await outcomeOf(source)).toEqual({ bytes: Buffer.from('text'), ending: 'source' });
  });

  it('decompresses one chunk at a time on demand, also of a decompression bomb', async () => {
    const bomb = await bombOf(256);
    const { numbers, made } = countedNumbers(4);
    const parts = inChunksOf(Math.ceil(bomb.length / 4), bomb);
    const source = fromIterable(numbers).pipe(map((index) => parts[index]!));
    const consumer = consumeByHand(source.pipe(decompress('zlib')), { onItem: (_chunk, gate) => gate.close() });
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 1; count <= 200; count++) {
      consumer.gate.open();
      await until(() => consumer.items.length === count);
    }
    // 200 chunks of 64 KiB are less than a quarter of the bomb, so its first part is still being decompressed.
    expect(made()).toBe(1);
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(consumer.items).toHaveLength(200);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
    consumer.subscription.unsubscribe();
  });

  it('requests no chunk before it is wanted, and one at a time', async () => {
    const { numbers, made } = countedNumbers(5);
    const source = fromIterable(numbers).pipe(map((number) => gzipSync(`text ${number}`)));
    const consumer = consumeByHand(source.pipe(decompress('gzip')), { onItem: (_chunk, gate) => gate.close() });
    expect(made()).toBe(0);
    for (let count = 1; count <= 5; count++) {
      consumer.gate.open();
      await until(() => consumer.items.length === count);
      expect(Buffer.from(consumer.items[count - 1]!).toString()).toBe(`text ${count - 1}`);
      expect(made()).toBeLessThanOrEqual(count + 1);
    }
    consumer.gate.open();
    await until(() => consumer.ending() === 'complete');
  });

  it('does not read a FIFO while its consumer is slow, and closes it when the consumer unsubscribes', async () => {
    const folder = newFolder();
    const path = makeFifo(join(folder, 'fifo'));
    const input = gzipSync(randomBytes(4 * 2 ** 20));
    const feeding = FifoWriter.open(path).then((writer) => writer.write(input).finally(() => writer.close()));
    let bytesRead = 0;
    const chunk$ = fromFifo(path).pipe(tap((chunk) => (bytesRead += chunk.length)));
    let bytesOut = 0;
    let steps = 0;
    for await (const chunk of toAsyncIterable(chunk$.pipe(decompress('gzip')))) {
      bytesOut += chunk.length;
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      // Random bytes do not shrink. One chunk is being decompressed, and one decompressed chunk is not delivered.
      expect(bytesRead - bytesOut).toBeLessThan(3 * 64 * 1024);
      if (++steps === 20) break;
    }
    expect(await feeding).toBeLessThan(input.length);
    await until(() => descriptorsBelow(folder).length === 0);
  });

  it('closes zlib and its source when downstream unsubscribes, also while zlib works', async () => {
    const destroy = jest.spyOn(Duplex.prototype, 'destroy');
    try {
      let unsubscribed = 0;
      const source = merge(of(gzipSync(randomBytes(500_000))), NEVER).pipe(finalize(() => unsubscribed++));
      const [first] = await lastValueFrom(source.pipe(decompress('gzip'), take(1), toArray()));
      expect(first).toHaveLength(64 * 1024);
      expect([unsubscribed, destroy.mock.contexts.length]).toEqual([1, 1]);
      source.pipe(decompress('gzip')).subscribe().unsubscribe();
      expect([unsubscribed, destroy.mock.contexts.length]).toEqual([2, 2]);
      const streams = destroy.mock.contexts as unknown as Gunzip[];
      await until(() => streams.every((stream) => stream.closed));
      expect(streams.map((stream) => 'bytesWritten' in stream)).toEqual([true, true]);
    } finally {
      destroy.mockRestore();
    }
  });

  it('starts again for each subscription', async () => {
    const twice$ = of(gzipSync('a')).pipe(decompress('auto'), repeat(2), toArray());
    expect(Buffer.concat(await lastValueFrom(twice$)).toString()).toBe('aa');
  });

  it('throws at the call for an unknown format', () => {
    expect(() => decompress('xz' as 'gzip')).toThrow(expect.objectContaining({ code: 'ERR_CONFIG', path: 'format' }));
  });
});

describe("decompress('auto')", () => {
  it.each([
    ['nothing', ''],
    ['text', 'plain text'],
    ['a beginning like gzip', '\x1f'],
    ['a beginning like zlib', 'x'],
    ['text that begins like zlib', 'x^2 + y^2 = z^2, '.repeat(10)],
  ])('passes on %s', async (_name, text) => {
    const input = Buffer.from(text, 'latin1');
    for (const size of [1, 1000]) {
      expect(await outcomeOf(from(inChunksOf(size, input)), 'auto')).toEqual({ bytes: input, ending: 'complete' });
    }
  });

  it('passes on records whose length looks like the mark of zlib', async () => {
    const input = Buffer.from(encodeTFRecord(randomBytes(376)));
    expect([...input.subarray(0, 2)]).toEqual([0x78, 0x01]);
    expect(await outcomeOf(from(inChunksOf(10, input)), 'auto')).toEqual({ bytes: input, ending: 'complete' });
  });

  it('passes on records whose length looks like the magic of gzip', () => {
    const input = Buffer.from(encodeTFRecord(new Uint8Array(0x08_8b_1f)));
    expect([...input.subarray(0, 4)]).toEqual([0x1f, 0x8b, 0x08, 0]);
    expect(sniffCompression(input, false)).toBe('plain');
    expect(sniffCompression(input.subarray(0, 11), false)).toBeUndefined();
  });

  it('tells each level of zlib, also of inputs shorter than what it tries', () => {
    for (let level = 0; level <= 9; level++) {
      for (const text of ['', 'a', 'text '.repeat(100)]) {
        const input = deflateSync(text, { level });
        expect(sniffCompression(input, true)).toBe('zlib');
      }
    }
  });
});
