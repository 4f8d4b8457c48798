import { crc32 } from 'node:zlib';
import { readInFile } from '../../../operators/shared/nameFile.js';
import type { SeekableDecoder } from '../../../operators/shared/seekable.js';
import { rememberOrigin } from '../../base/origins.js';
import { ChannelError } from '../../base/errors.js';
import type { ReaderPosition } from '../../base/readerPosition.js';
import type { Announcement } from '../../resume/cursor.js';
import type { BlockFile } from './blockFiles.js';
import { BlockRecords } from './blockRecords.js';
import type { DatasetIndex } from './datasetIndex.js';

/** Readers pass over each chunk twice, so a chunk must fit into the cache of a core. Readers join adjacent chunks. */
const PIECE_BYTES = 256 * 1024;

interface Block {
  readonly file: BlockFile;
  readonly start: ReaderPosition;
  readonly end: number;
  readonly records: number;
}

/** The blocks of all files. */
export class BlockTable {
  readonly counts: readonly number[];
  readonly total: number;
  readonly #blocks: readonly Block[];
  readonly #index: DatasetIndex;
  readonly #decoder: SeekableDecoder<unknown>;

  /** @param files - the files of the index, in the same order. */
  constructor(index: DatasetIndex, files: readonly BlockFile[], decoder: SeekableDecoder<unknown>) {
    const skipLines = Number(decoder.facts['skipLines'] ?? 0);
    this.#index = index;
    this.#decoder = decoder;
    this.#blocks = index.files.flatMap(({ blocks, byteLength }, position) => {
      let recordIndex = 0;
      return blocks.map(([byteOffset, records], at): Block => {
        const start = { byteOffset, recordIndex };
        recordIndex += records + (at === 0 ? skipLines : 0);
        return {
          file: files[position] as BlockFile,
          start,
          end: blocks[at + 1]?.[0] ?? byteLength,
          records,
        };
      });
    });
    this.counts = this.#blocks.map(({ records }) => records);
    this.total = this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** Facts that must be equal when the epoch is resumed. Local files may be copies, which have other versions. */
  get facts(): Announcement {
    const { files } = this.#index;
    const stored = new Map(this.#blocks.map(({ file }) => [file.name, file.stored.store.schemes.length > 0]));
    const lines = files.map(({ version, ...file }) => JSON.stringify([file, stored.get(file.name) ? version : '']));
    return {
      files: files.length,
      blocks: this.#blocks.length,
      records: this.total,
      namesAndSizes: crc32(lines.join('\n')),
    };
  }

  /** Rejects with a ChannelError or FormatError that names the file. */
  async load(position: number, signal: AbortSignal): Promise<BlockRecords> {
    const { file, start, end, records } = this.#blocks[position] as Block;
    const { store, object } = file.stored;
    const bytes = await store.read(object, start.byteOffset, end, { signal });
    rememberOrigin(bytes, file.path, start.byteOffset);
    const found = new BlockRecords(bytes, records);
    const count = readInFile(file.path, () => this.#decode(bytes, start, found));
    if (count === records) return found;
    const finding = `expected ${records} records in the bytes ${start.byteOffset} to ${end}, found ${count}`;
    throw changed(file.path, `${file.path} has changed: ${finding}`);
  }

  #decode(bytes: Uint8Array, start: ReaderPosition, into: BlockRecords): number {
    const reader = this.#decoder.createReader(start);
    let count = 0;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      reader.push(bytes.subarray(at, at + PIECE_BYTES));
      for (let record = reader.read(); record !== undefined; record = reader.read()) into.set(count++, record);
    }
    const last = reader.end();
    if (last !== undefined) into.set(count++, last);
    return count;
  }
}

/** @param finding - what was expected and found. */
export function changed(path: string, finding: string): ChannelError {
  const message = `The index does not match the files: ${finding}. Make the index again, with the same recordFormat.`;
  return new ChannelError(message, { code: 'ERR_CHANNEL_CHANGED', path });
}
