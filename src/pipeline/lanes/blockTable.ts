import { crc32 } from 'node:zlib';
import { readInFile } from '../../../operators/shared/nameFile.js';
import type { RecordSpan } from '../../base/recordSpan.js';
import type { SeekableDecoder } from '../../../operators/shared/seekable.js';
import { ChannelError } from '../../base/errors.js';
import type { ReusedMemory } from '../../base/reusedMemory.js';
import type { ReaderPosition } from '../../base/readerPosition.js';
import type { Announcement } from '../../resume/cursor.js';
import type { BlockFile } from './blockFiles.js';
import type { WindowRecords } from './windowRecords.js';
import type { DatasetIndex } from './datasetIndex.js';

/** Readers pass over each chunk twice, so a chunk must fit into the cache of a core. Readers join adjacent chunks. */
const PIECE_BYTES = 256 * 1024;

/** Blocks have similar sizes. Memory of equal sizes can be used for each of them. */
const MEMORY_UNIT = 1024 * 1024;

interface Block {
  readonly file: BlockFile;
  readonly start: ReaderPosition;
  readonly end: number;
  readonly records: number;
}

/** Receives the records of a block from `from` to `to` (exclusive). */
export interface BlockTarget {
  readonly records: WindowRecords;
  /** The number of the block in the window. */
  readonly block: number;
  readonly from: number;
  readonly to: number;
  /** The index of the record `from` in the window. */
  readonly first: number;
  readonly memory: ReusedMemory;
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
  async load(position: number, target: BlockTarget, signal: AbortSignal): Promise<void> {
    const { file, start, end, records } = this.#blocks[position] as Block;
    const { store, object } = file.stored;
    const byteLength = end - start.byteOffset;
    const into = target.memory.take(Math.ceil(byteLength / MEMORY_UNIT) * MEMORY_UNIT).subarray(0, byteLength);
    const bytes = await store.read(object, start.byteOffset, end, { signal, into });
    target.records.setBlock(target.block, bytes, { path: file.path, byteOffset: start.byteOffset });
    const count = readInFile(file.path, () => this.#decode(bytes, start, target));
    if (count === records) return;
    const finding = `expected ${records} records in the bytes ${start.byteOffset} to ${end}, found ${count}`;
    throw changed(file.path, `${file.path} has changed: ${finding}`);
  }

  #decode(bytes: Uint8Array, start: ReaderPosition, target: BlockTarget): number {
    const reader = this.#decoder.createReader(start);
    const taker = new RecordTaker(target, bytes.buffer);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      reader.push(bytes.subarray(at, at + PIECE_BYTES));
      if (reader.readSpan) while (reader.readSpan(taker.span)) taker.takeSpan();
      else for (let record = reader.read(); record !== undefined; record = reader.read()) taker.take(record);
    }
    const last = reader.end();
    if (last !== undefined) taker.take(last);
    return taker.count;
  }
}

/** Adds the records of a block to its window. */
class RecordTaker {
  readonly span: RecordSpan;
  count = 0;
  readonly #target: BlockTarget;
  readonly #memory: ArrayBufferLike;

  constructor(target: BlockTarget, memory: ArrayBufferLike) {
    this.#target = target;
    this.#memory = memory;
    this.span = { memory, byteOffset: 0, length: 0 };
  }

  takeSpan(): void {
    const { memory, byteOffset, length } = this.span;
    if (memory !== this.#memory) {
      this.take(new Uint8Array(memory, byteOffset, length));
      return;
    }
    if (this.#isOwn()) this.#target.records.setView(this.#index(), this.#target.block, this.span);
    this.count++;
  }

  take(record: unknown): void {
    const { records, block } = this.#target;
    if (this.#isOwn()) {
      const isView = record instanceof Uint8Array && record.buffer === this.#memory;
      if (isView) records.setView(this.#index(), block, record);
      else records.setOther(this.#index(), record);
    }
    this.count++;
  }

  #isOwn(): boolean {
    return this.count >= this.#target.from && this.count < this.#target.to;
  }

  #index(): number {
    return this.#target.first + this.count - this.#target.from;
  }
}

/** @param finding - what was expected and found. */
export function changed(path: string, finding: string): ChannelError {
  const message = `The index does not match the files: ${finding}. Make the index again, with the same recordFormat.`;
  return new ChannelError(message, { code: 'ERR_CHANNEL_CHANGED', path });
}
