import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { MillraceError } from '../../base/errors.js';
import { PART_HEADER_BYTES, MAGIC, MAX_PART_BYTES, padded } from '../../formats/recordio/recordIOLayout.js';
import { RangeWindow, type ObjectReading } from '../../stores/rangeWindow.js';
import type { JobChannel } from '../job/jobChannel.js';
import type { ChannelObject, StoredContent } from './channelObject.js';
import type { ChannelItem, ItemPart } from './listItems.js';
import { changedSinceStart, RANGE_BYTES } from './ranges.js';
import { openRegularFile } from './openRegularFile.js';

type Chunks = AsyncGenerator<Uint8Array, void, undefined>;

const CHUNK_BYTES = 256 * 1024;

/** Small objects need many ranges ahead, because each object takes a round trip. */
const READING = { rangeBytes: RANGE_BYTES, concurrency: 16, maxBytes: 32 * 1024 * 1024 };

interface Reading {
  readonly isCompressed: boolean;
  readonly open: (object: ChannelObject) => Chunks;
}

/**
 * Yields the bytes of one epoch in Pipe mode. With RecordIO, each object and each attribute of an augmented manifest is
 * one record. Without RecordIO, objects and attributes follow each other without a separator. Compressed objects are
 * decompressed first.
 *
 * Reads files on demand, one at a time, in new chunks of 256 KiB. From a store, requests 32 MiB or 16 small objects
 * ahead. Sends requests only on demand. With RecordIO, reads a compressed object twice, because the record's header
 * contains the decompressed length.
 *
 * @param signal - an abort ends the requests, and the iteration rejects with the signal's reason.
 */
export async function* channelBytes(
  items: readonly ChannelItem[],
  { CompressionType, RecordWrapperType }: Pick<JobChannel, 'CompressionType' | 'RecordWrapperType'>,
  signal?: AbortSignal,
): Chunks {
  const isCompressed = CompressionType === 'Gzip';
  const isWrapped = RecordWrapperType === 'RecordIO';
  const window = new RangeWindow([...storedContents(items, isCompressed && isWrapped ? 2 : 1)], READING, signal);
  let opened = 0;
  const open = ({ stored, path }: ChannelObject): Chunks =>
    stored ? storedChunks(stored, window.open(opened++)) : fileChunks(path);
  try {
    for (const part of items.flat()) {
      yield* isWrapped ? recordOf(part, { isCompressed, open }) : contentOf(part, { isCompressed, open });
    }
  } finally {
    window.close();
  }
}

function* storedContents(items: readonly ChannelItem[], times: number): Generator<StoredContent, void, undefined> {
  for (const part of items.flat()) {
    if (part instanceof Uint8Array || !part.stored) continue;
    for (let time = 0; time < times; time++) yield part.stored;
  }
}

async function* contentOf(part: ItemPart, { isCompressed, open }: Reading): Chunks {
  if (part instanceof Uint8Array) yield part;
  else if (isCompressed) yield* decompressed(part.path, open(part));
  else yield* open(part);
}

async function* storedChunks({ object }: StoredContent, { next, close }: ObjectReading): Chunks {
  try {
    for (let chunk = await next(); chunk; chunk = await next()) yield chunk;
  } catch (error) {
    throw changedSinceStart(object, error);
  } finally {
    close();
  }
}

async function* fileChunks(path: string): Chunks {
  const file = await openRegularFile(path);
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafeSlow(CHUNK_BYTES) });
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function* decompressed(path: string, chunks: Chunks): Chunks {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // `gunzip` reports the same error later.
  const feeding = pipeline(chunks, gunzip).catch(() => undefined);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    throw new MillraceError(`cannot decompress ${path}: ${String(cause)}`, { code: 'ERR_AGENT', cause });
  } finally {
    gunzip.destroy();
    await feeding;
    // The pipeline may end while the object is still being read.
    await chunks.return();
  }
}

/** Fails if the length changes, because the header with the length has already been sent. */
async function* recordOf(part: ItemPart, reading: Reading): Chunks {
  const expected = reading.isCompressed ? await measure(part, reading) : part.byteLength;
  yield recordHeader(expected);
  let byteLength = 0;
  for await (const chunk of contentOf(part, reading)) {
    byteLength += chunk.byteLength;
    if (byteLength > expected) break;
    yield chunk;
  }
  if (byteLength !== expected)
    throw failure(part, `changed its length while the agent was reading it: expected ${expected} bytes`);
  const padding = padded(byteLength) - byteLength;
  if (padding > 0) yield new Uint8Array(padding);
}

async function measure(part: ItemPart, reading: Reading): Promise<number> {
  let byteLength = 0;
  for await (const chunk of contentOf(part, reading)) {
    byteLength += chunk.byteLength;
    if (byteLength > MAX_PART_BYTES)
      throw failure(
        part,
        `has more than ${MAX_PART_BYTES} bytes after decompression, too many for one RecordIO record`,
      );
  }
  return byteLength;
}

function failure(part: ItemPart, problem: string): MillraceError {
  const name = part instanceof Uint8Array ? 'an attribute in the manifest' : part.path;
  return new MillraceError(`${name} ${problem}`, { code: 'ERR_AGENT' });
}

/** Returns only the header, because the payload may be too large for memory. */
function recordHeader(byteLength: number): Uint8Array {
  const header = Buffer.alloc(PART_HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(byteLength, 4);
  return header;
}
