import { compressionOfName } from '../../formats/compression/compressionOfName.js';
import { sniffCompression, sniffNamedBrotli } from '../../formats/compression/sniffCompression.js';
import { readInFile } from '../../../operators/shared/nameFile.js';
import type { PositionedReader } from '../../../operators/shared/seekable.js';
import type { ObjectReading } from '../../stores/rangeWindow.js';
import { unseekable, type BlockFile } from './blockFiles.js';
import type { IndexedFile } from './datasetIndex.js';

type Block = IndexedFile['blocks'][number];

const MAX_PIECE_BYTES = 1024 * 1024;

export type OnRead = (bytes: number, records: number) => void;

interface BlockReading<R> {
  readonly reading: ObjectReading;
  readonly reader: PositionedReader<R>;
  readonly blockBytes: number;
  /** Called with the numbers of bytes and records that were read since the last call. */
  readonly onRead: OnRead;
}

/**
 * Reads a file from its start to its end, and returns its blocks. A block has at least `blockBytes` bytes, except the
 * last block.
 *
 * @throws ChannelError (as a rejection) if the file is compressed.
 */
export async function blocksOfFile<R>(file: BlockFile, how: BlockReading<R>): Promise<Block[]> {
  const { reading, reader, onRead } = how;
  const cutter = new BlockCutter(how.blockBytes);
  const pieceBytes = pieceBytesOf(how.blockBytes);
  let offset = 0;
  const take = (piece: Uint8Array): void => {
    reader.push(piece);
    let records = 0;
    while (reader.read() !== undefined) records++;
    offset += piece.length;
    cutter.add(records);
    // Blocks end only at these offsets, so that they do not depend on the sizes of the chunks.
    if (offset % pieceBytes === 0) cutter.cut(reader.position?.byteOffset ?? 0);
    onRead(piece.length, records);
  };
  for (let chunk = await reading.next(); chunk; chunk = await reading.next()) {
    const bytes = chunk;
    if (offset === 0) refuseCompressed(file, bytes);
    readInFile(file.path, () => {
      for (const piece of alignedPieces(bytes, offset, pieceBytes)) take(piece);
    });
  }
  const last = readInFile(file.path, () => reader.end());
  if (last !== undefined) onRead(0, 1);
  return cutter.end(last === undefined ? 0 : 1);
}

/** Divides a file into blocks that begin at the start of a record. */
export class BlockCutter {
  readonly #blockBytes: number;
  readonly #blocks: Block[] = [];
  #start = 0;
  #records = 0;

  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  add(records: number): void {
    this.#records += records;
  }

  /** Ends the block before the record at `byteOffset`, if the block is long enough. */
  cut(byteOffset: number): void {
    if (this.#records === 0 || byteOffset - this.#start < this.#blockBytes) return;
    this.#blocks.push([this.#start, this.#records]);
    this.#start = byteOffset;
    this.#records = 0;
  }

  end(records = 0): Block[] {
    this.#records += records;
    if (this.#records > 0) this.#blocks.push([this.#start, this.#records]);
    return this.#blocks;
  }
}

/** Returns a power of two, so that pieces end at the same offsets for any sizes of chunks. */
function pieceBytesOf(blockBytes: number): number {
  return Math.min(MAX_PIECE_BYTES, 2 ** Math.max(0, Math.floor(Math.log2(blockBytes / 8))));
}

function* alignedPieces(chunk: Uint8Array, byteOffset: number, pieceBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < chunk.length;) {
    const end = Math.min(chunk.length, at + pieceBytes - ((byteOffset + at) % pieceBytes));
    yield chunk.subarray(at, end);
    at = end;
  }
}

/** @throws ChannelError if the file is compressed. */
export function refuseCompressed({ path, byteLength }: BlockFile, head: Uint8Array): void {
  const isWhole = head.length === byteLength;
  const sniff = compressionOfName(path) === 'brotli' ? sniffNamedBrotli : sniffCompression;
  const found = sniff(head, isWhole);
  if (found === undefined || found === 'plain') return;
  throw unseekable(path, `it is compressed with ${found}, so it can be read only from its start. Decompress the file`);
}
