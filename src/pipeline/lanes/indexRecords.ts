import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { ConfigError } from '../../base/errors.js';
import { mapConcurrently } from '../../base/mapConcurrently.js';
import { abortSignal } from '../../base/optionFields.js';
import { callback, positiveInteger, requireOptions } from '../../base/parseOptions.js';
import { sumOf } from '../../base/sumOf.js';
import type { RecordFormat } from '../../formats/recordFormats.js';
import { RangeWindow } from '../../stores/rangeWindow.js';
import type { Store } from '../../stores/store.js';
import type { StoredIn } from '../../stores/storedIn.js';
import { storeReadingFields, type StoreReadingOptions } from '../../stores/storeBytes.js';
import { patternsSchema, storeOption } from '../records/chooseStore.js';
import { filterFields, type FileFilterOptions } from '../records/fileFilter.js';
import { parseRecordOptions, recordFormatSchema, type RecordDecoder } from '../records/recordFormat.js';
import { blockFilesOf, type BlockFile } from './blockFiles.js';
import { requireBlocks, type RowFormat } from './blockFormat.js';
import { blocksOfFile, type OnRead } from './blocksOfFile.js';
import { idxBlocks } from './idxBlocks.js';
import type { IndexedFile, DatasetIndex } from './datasetIndex.js';

/** The progress of {@link indexRecords}. */
export interface IndexProgress {
  readonly bytes: number;
  /** The total size of all files to read, in bytes. */
  readonly totalBytes: number;
  readonly records: number;
}

/** Options of {@link indexRecords}. */
export interface IndexRecordsOptions extends FileFilterOptions, StoreReadingOptions {
  /** The format of the records: TFRecord, RecordIO or TextLine, one of their decoders, or `parquetRows()`. */
  readonly recordFormat: RecordFormat | RecordDecoder;
  /** The stores of the URLs, as in `recordsFromFiles`. */
  readonly store?: Store | readonly Store[] | undefined;
  /**
   * The minimum size of a block in bytes. Only the last block of a file may be smaller. Default: 8 MiB. Not for Parquet.
   */
  readonly blockBytes?: number | undefined;
  /**
   * Paths, URLs or patterns of the index files of `tfrecord2idx`: one for each TFRecord file, in the same order. If
   * set, the records are not read.
   */
  readonly idxFiles?: string | readonly string[] | undefined;
  /** Called after each MiB that was read. */
  readonly onProgress?: ((progress: IndexProgress) => void) | undefined;
  /** If the signal is aborted, the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const argumentsSchema = lazy(() =>
  z.strictObject({
    patterns: patternsSchema(),
    recordFormat: recordFormatSchema(),
    ...filterFields(),
    store: storeOption().optional(),
    ...storeReadingFields(),
    blockBytes: positiveInteger().default(8 * 1024 * 1024),
    idxFiles: patternsSchema().optional(),
    onProgress: callback<(progress: IndexProgress) => void>().optional(),
    signal: abortSignal().optional(),
  }),
);

/**
 * Divides files and objects into blocks of records, for {@link globalBatches}.
 *
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { indexRecords } from 'millrace';
 *
 * const index = await indexRecords('data/train-*.tfrecord', { recordFormat: 'TFRecord' });
 * await writeFile('train.index.json', JSON.stringify(index));
 * ```
 *
 * Reads all bytes once, and verifies the records like `recordsFromFiles`. Of a Parquet file, reads only the footer: the
 * blocks are its row groups. The index has about 20 bytes for each block. Copies of the files have the same index,
 * except for the versions of local files.
 *
 * Memory: `concurrency` × `rangeBytes`, one record, and the index. Throws a ConfigError at the call if an argument is
 * invalid. Rejects with a ChannelError if a file is compressed, is a FIFO, or is on a server without ranges. Rejects
 * with a FormatError that names the file if its bytes do not have the format. Rejects with a ChannelError
 * (`ERR_CHANNEL_CHANGED`) if an index file of `tfrecord2idx` does not match its file.
 *
 * @param patterns - as in `recordsFromFiles`.
 */
export function indexRecords(
  patterns: string | readonly string[],
  options: IndexRecordsOptions,
): Promise<DatasetIndex> {
  requireOptions('indexRecords', options, "{ recordFormat: 'TFRecord' }");
  const { checked, decoder } = parseRecordOptions('indexRecords', argumentsSchema(), { ...options, patterns });
  const format = requireBlocks('indexRecords', decoder);
  const recordFormat = String(format.facts['format']);
  const { idxFiles, blockBytes, signal, onProgress } = checked;
  if (idxFiles !== undefined && recordFormat !== 'TFRecord') {
    const message = `indexRecords: idxFiles: expected the recordFormat TFRecord, found ${recordFormat}: remove idxFiles`;
    throw new ConfigError(message, { path: 'idxFiles' });
  }
  if ('blocksOf' in format && options.blockBytes !== undefined) {
    const message = 'indexRecords: blockBytes: the blocks of a Parquet file are its row groups: remove blockBytes';
    throw new ConfigError(message, { path: 'blockBytes' });
  }
  const list = blockFilesOf('indexRecords', checked);
  const listIdx = idxFiles === undefined ? undefined : blockFilesOf('indexRecords', { ...checked, patterns: idxFiles });
  const run = async (): Promise<DatasetIndex> => {
    const files = await list(signal);
    const idx = await listIdx?.(signal);
    if (idx) requirePairs(files, idx);
    const read = idx ?? files;
    const onRead = counting(read, onProgress);
    if ('blocksOf' in format) {
      const stop = signal ?? new AbortController().signal;
      const indexed = await mapConcurrently(files, (file) => rowGroupsOf(file, { format, stop, onRead }), signal);
      return { version: 1, recordFormat, files: indexed };
    }
    const window = new RangeWindow(read.map(storedOf), checked, signal);
    const indexed: IndexedFile[] = [];
    try {
      for (const [position, file] of files.entries()) {
        const reading = window.open(position);
        const one = idx?.[position];
        const blocks = one
          ? await idxBlocks(file, one, { reading, blockBytes, onRead })
          : await blocksOfFile(file, { reading, reader: format.createReader(), blockBytes, onRead });
        indexed.push(indexedFile(file, blocks));
      }
    } finally {
      window.close();
    }
    return { version: 1, recordFormat, files: indexed };
  };
  return run();
}

async function rowGroupsOf(
  file: BlockFile,
  { format, stop, onRead }: { readonly format: RowFormat; readonly stop: AbortSignal; readonly onRead: OnRead },
): Promise<IndexedFile> {
  const blocks = await format.blocksOf(file, stop);
  onRead(file.byteLength, sumOf(blocks.map(([, rows]) => rows)));
  return indexedFile(file, blocks);
}

function indexedFile({ name, byteLength, version }: BlockFile, blocks: IndexedFile['blocks']): IndexedFile {
  return { name, byteLength, version, blocks };
}

const storedOf = ({ stored }: BlockFile): StoredIn => stored;

function counting(files: readonly BlockFile[], onProgress: IndexRecordsOptions['onProgress']) {
  const totalBytes = sumOf(files.map(({ byteLength }) => byteLength));
  let [readBytes, readRecords] = [0, 0];
  return (bytes: number, records: number): void => {
    readBytes += bytes;
    readRecords += records;
    onProgress?.({ bytes: readBytes, totalBytes, records: readRecords });
  };
}

function requirePairs(files: readonly BlockFile[], idx: readonly BlockFile[]): void {
  if (files.length === idx.length) return;
  const message = `indexRecords: idxFiles: expected one index file for each of the ${files.length} files, found ${idx.length}`;
  throw new ConfigError(message, { path: 'idxFiles' });
}
