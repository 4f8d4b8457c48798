import { crc32 } from 'node:zlib';
import { readInFile } from '../../../operators/shared/nameFile.js';
import type { RecordSpan } from '../../base/recordSpan.js';
import type { PositionedReader, SeekableDecoder } from '../../../operators/shared/seekable.js';
import { ChannelError } from '../../base/errors.js';
import type { ReusedMemory } from '../../base/reusedMemory.js';
import type { ReaderPosition } from '../../base/readerPosition.js';
import type { Announcement } from '../../resume/cursor.js';
import { sumOf } from '../../base/sumOf.js';
import { rowsOf, type RowRun } from '../../formats/parquet/joinRows.js';
import type { BlockFile } from './blockFiles.js';
import type { BlockOrigin } from './copiedOrigins.js';
import type { RowGroupReader } from './blockFormat.js';
import type { WindowRecords } from './windowRecords.js';
import type { DatasetIndex } from './datasetIndex.js';
import type { BlockSize } from './globalOrder.js';

/** Readers read each chunk twice, so a chunk must fit into the cache of a core. A record may span several chunks. */
const PIECE_BYTES = 256 * 1024;

interface Block {
  readonly file: BlockFile;
  readonly start: ReaderPosition;
  readonly end: number;
  readonly records: number;
}

/** The part of a block to load, from `from` to `to` (exclusive), and the window that receives its records. */
export interface BlockTarget {
  readonly records: WindowRecords;
  /** The index of the block in the window. */
  readonly block: number;
  readonly from: number;
  readonly to: number;
  /** The index of the record `from` in the window. */
  readonly first: number;
  readonly memory: ReusedMemory;
}

/** The blocks of all files. */
export class BlockTable {
  readonly sizes: readonly BlockSize[];
  readonly total: number;
  readonly #blocks: readonly Block[];
  readonly #index: DatasetIndex;
  readonly #format: SeekableDecoder<unknown> | RowGroupReader;
  /** The size of the largest block. Memory of this size is reused for every block. */
  readonly #maxBytes: number;

  /** @param files - the files that the index lists, in the same order. */
  constructor(index: DatasetIndex, files: readonly BlockFile[], format: SeekableDecoder<unknown> | RowGroupReader) {
    const skipLines = 'facts' in format ? Number(format.facts['skipLines'] ?? 0) : 0;
    this.#index = index;
    this.#format = format;
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
    this.sizes = this.#blocks.map(({ records, start, end }) => ({ records, bytes: end - start.byteOffset }));
    this.#maxBytes = this.sizes.reduce((max, { bytes }) => Math.max(max, bytes), 0);
    this.total = sumOf(this.#blocks.map(({ records }) => records));
  }

  /**
   * Facts that must be equal when the epoch is resumed. They omit the versions of local files, because copies have
   * other versions.
   */
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

  /** Returns the item of a step: the records, or a table of the rows. */
  itemOf(part: unknown[]): unknown {
    return 'itemOf' in this.#format ? this.#format.itemOf(part as RowRun[]) : part;
  }

  /** Reads a block into its window. Rejects with a ChannelError or FormatError that names the file. */
  async load(position: number, target: BlockTarget, signal: AbortSignal): Promise<void> {
    const block = this.#blocks[position] as Block;
    const { file, start, end, records } = block;
    const format = this.#format;
    const count =
      'createReader' in format
        ? await this.#loadBytes(format, { block, target, signal })
        : await loadRows(format, { block, target, signal });
    if (count === records) return;
    const finding = `expected ${records} records in the bytes ${start.byteOffset} to ${end}, found ${count}`;
    throw changed(file.path, `${file.path} has changed: ${finding}`);
  }

  async #loadBytes(decoder: SeekableDecoder<unknown>, { block, target, signal }: Loading): Promise<number> {
    const { file, start, end } = block;
    const { store, object } = file.stored;
    const into = target.memory.take(this.#maxBytes).subarray(0, end - start.byteOffset);
    const bytes = await store.read(object, start.byteOffset, end, { signal, into });
    const taker = new RecordTaker(target, bytes.buffer, {
      path: file.path,
      shift: start.byteOffset - bytes.byteOffset,
    });
    readInFile(file.path, () => decode(bytes, decoder.createReader(start), taker));
    target.memory.giveBack(into);
    return taker.count;
  }
}

interface Loading {
  readonly block: Block;
  readonly target: BlockTarget;
  readonly signal: AbortSignal;
}

/** Adds the rows of a row group to its window. Returns the number of rows of the row group. */
async function loadRows(reader: RowGroupReader, { block, target, signal }: Loading): Promise<number> {
  const table = await reader.read(block.file, block.start.byteOffset, signal);
  const rows = table ? rowsOf(table) : 0;
  if (!table || rows !== block.records) return rows;
  const { records, from, to, first } = target;
  records.beginTable(target.block, table);
  for (let row = from; row < to; row++) records.addRow(first + row - from, row);
  return rows;
}

function decode(bytes: Uint8Array, reader: PositionedReader<unknown>, taker: RecordTaker): void {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    reader.push(bytes.subarray(at, at + PIECE_BYTES));
    if (reader.readSpan) while (reader.readSpan(taker.span)) taker.takeSpan();
    else for (let record = reader.read(); record !== undefined; record = reader.read()) taker.take(record);
  }
  const last = reader.end();
  if (last !== undefined) taker.take(last);
}

/** Adds the records of a block to its window. */
class RecordTaker {
  readonly span: RecordSpan;
  count = 0;
  readonly #target: BlockTarget;

  constructor(target: BlockTarget, memory: ArrayBufferLike, origin: BlockOrigin) {
    this.#target = target;
    this.span = { memory, byteOffset: 0, length: 0 };
    target.records.beginBlock(target.block, memory, origin);
  }

  takeSpan(): void {
    if (this.#isOwn()) this.#target.records.addBytes(this.#index(), this.span);
    this.count++;
  }

  take(record: unknown): void {
    const { records } = this.#target;
    if (this.#isOwn()) {
      if (record instanceof Uint8Array) {
        const { buffer: memory, byteOffset, length } = record;
        records.addBytes(this.#index(), { memory, byteOffset, length });
      } else records.addOther(this.#index(), record);
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

/** @param finding - the expected and the found value. */
export function changed(path: string, finding: string): ChannelError {
  const message = `The index does not match the files: ${finding}. Make the index again, with the same recordFormat.`;
  return new ChannelError(message, { code: 'ERR_CHANNEL_CHANGED', path });
}
