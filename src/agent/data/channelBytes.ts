import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { MillraceError } from '../../base/errors.js';
import { PART_HEADER_BYTES, MAGIC, MAX_PART_BYTES, padded } from '../../formats/recordio/recordIOLayout.js';
import type { JobChannel } from '../job/jobChannel.js';
import type { ChannelItem, ItemPart } from './listItems.js';
import { openRegularFile } from './openRegularFile.js';

type Chunks = AsyncGenerator<Uint8Array, void, undefined>;

/** Large enough for few system calls. An open epoch holds at most this many bytes in memory. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Yields the bytes of one epoch of a channel in Pipe mode: objects and texts without a separator, or each as one
 * RecordIO record. Compressed objects are decompressed first.
 *
 * Files are read on demand, one at a time, into new memory. A compressed object that becomes a record is read twice,
 * because the header contains the decompressed length.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Channel.html
 */
export async function* channelBytes(
  items: readonly ChannelItem[],
  { CompressionType, RecordWrapperType }: Pick<JobChannel, 'CompressionType' | 'RecordWrapperType'>,
): Chunks {
  const isCompressed = CompressionType === 'Gzip';
  for (const part of items.flat()) {
    if (RecordWrapperType === 'RecordIO') yield* recordOf(part, isCompressed);
    else yield* contentOf(part, isCompressed);
  }
}

/** Yields the decompressed bytes of an object or text, without a RecordIO header. */
export async function* contentOf(part: ItemPart, isCompressed: boolean): Chunks {
  if (part instanceof Uint8Array) yield part;
  else if (isCompressed) yield* decompressed(part.path);
  else yield* fileChunks(part.path);
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

async function* decompressed(path: string): Chunks {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const chunks = fileChunks(path);
  // `gunzip` reports the same error below.
  const feeding = pipeline(chunks, gunzip).catch(() => undefined);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (cause) {
    throw new MillraceError(`cannot decompress ${path}: ${String(cause)}`, { code: 'ERR_AGENT', cause });
  } finally {
    gunzip.destroy();
    await feeding;
    // The pipeline may end while the file is still being read.
    await chunks.return();
  }
}

/** The header contains the length, so the file must not change after it has been measured. */
async function* recordOf(part: ItemPart, isCompressed: boolean): Chunks {
  const expected = isCompressed ? await measure(part) : part.byteLength;
  yield recordHeader(expected);
  let byteLength = 0;
  for await (const chunk of contentOf(part, isCompressed)) {
    byteLength += chunk.byteLength;
    if (byteLength > expected) break;
    yield chunk;
  }
  if (byteLength !== expected)
    throw failure(part, `changed its length while the agent read it: expected ${expected} bytes`);
  const padding = padded(byteLength) - byteLength;
  if (padding > 0) yield new Uint8Array(padding);
}

async function measure(part: ItemPart): Promise<number> {
  let byteLength = 0;
  for await (const chunk of contentOf(part, true)) {
    byteLength += chunk.byteLength;
    if (byteLength > MAX_PART_BYTES)
      throw failure(
        part,
        `is too long for one RecordIO record after decompression: expected at most ${MAX_PART_BYTES} bytes`,
      );
  }
  return byteLength;
}

function failure(part: ItemPart, problem: string): MillraceError {
  const name = part instanceof Uint8Array ? 'an attribute in the manifest' : part.path;
  return new MillraceError(`${name} ${problem}`, { code: 'ERR_AGENT' });
}

/** The payload may be too large for memory. */
function recordHeader(byteLength: number): Uint8Array {
  const header = Buffer.alloc(PART_HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(byteLength, 4);
  return header;
}
