import { seekableOf, type SeekableDecoder } from '../../../operators/shared/seekable.js';
import { ConfigError } from '../../base/errors.js';
import type { ColumnArrays, RowRun } from '../../formats/parquet/joinRows.js';
import type { Announcement } from '../../resume/cursor.js';
import type { RecordDecoder } from '../records/recordFormat.js';
import type { BlockFile } from './blockFiles.js';
import type { IndexedFile } from './datasetIndex.js';

/** A format whose blocks are the row groups of its files. */
export interface RowFormat {
  readonly facts: Announcement;
  /** Reads only the footer of the file. */
  readonly blocksOf: (file: BlockFile, signal: AbortSignal) => Promise<IndexedFile['blocks']>;
  /** @param first - the file that sets the names and types of the columns of all files. */
  readonly open: (first: BlockFile, signal: AbortSignal) => Promise<RowGroupReader>;
}

export interface RowGroupReader {
  /** Returns `undefined` if no row group begins at `byteOffset`. Rejects with an error that names the file. */
  readonly read: (file: BlockFile, byteOffset: number, signal: AbortSignal) => Promise<ColumnArrays | undefined>;
  /** Copies rows to a new table. */
  readonly itemOf: (rows: readonly RowRun[]) => unknown;
}

export type BlockFormat = SeekableDecoder<unknown> | RowFormat;

const formats = new WeakMap<object, RowFormat>();

export function rememberRowFormat(decoder: RecordDecoder, format: RowFormat): void {
  formats.set(decoder, format);
}

/** @throws ConfigError if the decoder must read each file from its start. */
export function requireBlocks(caller: string, decoder: RecordDecoder): BlockFormat {
  const found = seekableOf(decoder) ?? formats.get(decoder);
  if (found) return found;
  throw new ConfigError(
    `${caller}: recordFormat: expected TFRecord, RecordIO, TextLine, the decoder of one of them, or parquetRows(). ` +
      'Blocks are read in any order, so the decoder cannot skip bad records. Read other formats with ' +
      'recordsFromFiles() and shuffle().',
    { path: 'recordFormat' },
  );
}
