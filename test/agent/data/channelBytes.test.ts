import { randomBytes } from 'node:crypto';
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeRecordIO } from 'millrace/formats';
import { channelBytes } from '../../../src/agent/data/channelBytes.js';
import type { ChannelObject } from '../../../src/agent/data/channelObject.js';
import type { ItemPart } from '../../../src/agent/data/listItems.js';
import type { Store } from '../../../src/stores/store.js';
import { memoryStore } from '../folderStore.js';
import { openFilesBelow, temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();

/** Makes objects of the given lengths. Long ones have several chunks. Returns them with their contents. */
function objectsOf(...lengths: number[]) {
  const contents = lengths.map((length) => randomBytes(length));
  const data = folder(Object.fromEntries(contents.map((content, index) => [String(index), content])));
  const objects = contents.map((content, index): ChannelObject => {
    return { key: String(index), path: join(data, String(index)), byteLength: content.length };
  });
  return { data, contents, objects };
}

const PLAIN = { CompressionType: 'None', RecordWrapperType: 'None' } as const;
const RECORDS = { CompressionType: 'None', RecordWrapperType: 'RecordIO' } as const;
const GZIP = { CompressionType: 'Gzip', RecordWrapperType: 'None' } as const;
const GZIP_RECORDS = { CompressionType: 'Gzip', RecordWrapperType: 'RecordIO' } as const;

async function collect(parts: readonly ItemPart[], how: Parameters<typeof channelBytes>[1]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of channelBytes([parts], how)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function readFrom(contents: readonly Buffer[]): Store['read'] {
  return ({ url }, start, end) => Promise.resolve(contents[Number(url.at(-1))]!.subarray(start, end));
}

describe('channelBytes', () => {
  it('yields one object after the other without a separator', async () => {
    const { objects, contents } = objectsOf(3, 0, 600_000, 1);
    expect(Buffer.concat(contents).equals(await collect(objects, PLAIN))).toBe(true);
  });

  it('yields each object as one RecordIO record', async () => {
    const { objects, contents } = objectsOf(0, 1, 2, 3, 4, 600_001);
    const records = Buffer.concat(contents.map((content) => encodeRecordIO(content)));
    expect(records.equals(await collect(objects, RECORDS))).toBe(true);
  });

  it.each([
    ['shorter', (path: string) => truncateSync(path, 10)],
    ['longer', (path: string) => appendFileSync(path, 'more')],
  ])('fails when a file has become %s than the length in its record', async (_, change) => {
    const { objects } = objectsOf(600_000);
    change(objects[0]!.path);
    await expect(collect(objects, RECORDS)).rejects.toThrow('changed its length');
  });

  it('has one file open, and none after an early end', async () => {
    const { data, objects } = objectsOf(600_000, 600_000);
    for await (const chunk of channelBytes([objects], PLAIN)) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      expect(openFilesBelow(data)).toHaveLength(1);
      break;
    }
    expect(openFilesBelow(data)).toEqual([]);
  });

  it('yields texts of a manifest between the objects', async () => {
    const { objects, contents } = objectsOf(5);
    const parts = [Buffer.from('one'), ...objects, Buffer.from('')];
    const records = [Buffer.from('one'), ...contents, Buffer.from('')].map((content) => encodeRecordIO(content));
    expect(Buffer.concat(records).equals(await collect(parts, RECORDS))).toBe(true);
    expect(Buffer.concat([Buffer.from('one'), ...contents]).equals(await collect(parts, PLAIN))).toBe(true);
  });

  it('decompresses each object, also with several gzip members, before wrapping it', async () => {
    const { objects, contents } = objectsOf(0, 3, 700_000, 1_000_001);
    for (const [index, { path }] of objects.entries()) {
      const content = contents[index]!;
      const half = content.length >> 1;
      writeFileSync(path, Buffer.concat([gzipSync(content.subarray(0, half)), gzipSync(content.subarray(half))]));
    }
    expect(Buffer.concat(contents).equals(await collect(objects, GZIP))).toBe(true);
    const records = Buffer.concat(contents.map((content) => encodeRecordIO(content)));
    expect(records.equals(await collect(objects, GZIP_RECORDS))).toBe(true);
  });

  it.each([
    ['is not compressed', (content: Buffer) => content],
    ['is cut', (content: Buffer) => gzipSync(content).subarray(0, -10)],
    ['is damaged', (content: Buffer) => Buffer.concat([gzipSync(content).subarray(0, -8), Buffer.alloc(8)])],
  ])('fails when a compressed object %s', async (_, spoil) => {
    const { objects, contents, data } = objectsOf(1_000_000);
    writeFileSync(objects[0]!.path, spoil(contents[0]!));
    for (const how of [GZIP, GZIP_RECORDS]) {
      const reading = collect(objects, how);
      await expect(reading).rejects.toThrow(`cannot decompress ${objects[0]!.path}: Error: `);
      await expect(reading).rejects.toMatchObject({ code: 'ERR_AGENT' });
    }
    expect(openFilesBelow(data)).toEqual([]);
  });

  it('continues with the next object of a store after zeros that follow the compressed data', async () => {
    // Longer than what is requested ahead.
    const contents = [Buffer.concat([gzipSync('first'), Buffer.alloc(48 * 1024 * 1024)]), gzipSync('second')];
    const store = { ...memoryStore({}), read: readFrom(contents) };
    const objects = contents.map(({ byteLength }, index): ChannelObject => {
      const path = `s3://data/${index}`;
      return {
        key: String(index),
        path,
        byteLength,
        stored: { store, object: { url: path, byteLength, version: undefined, hasRanges: true } },
      };
    });
    expect(String(await collect(objects, GZIP))).toBe('firstsecond');
  });

  it('has no file open after a compressed object ends early', async () => {
    const { data, objects, contents } = objectsOf(3_000_000);
    writeFileSync(objects[0]!.path, gzipSync(contents[0]!));
    for await (const chunk of channelBytes([objects], GZIP)) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    expect(openFilesBelow(data)).toEqual([]);
  });
});
