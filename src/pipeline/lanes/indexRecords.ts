import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { ConfigError } from '../../base/errors.js';
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
import { blockFilesOf, requireSeekable, type BlockFile } from './blockFiles.js';
import { blocksOfFile } from './blocksOfFile.js';
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
  /** The format of the records, as in `recordsFromFiles`: TFRecord, RecordIO or TextLine, or one of their decoders. */
  readonly recordFormat: RecordFormat | RecordDecoder;
  /** The stores of the URLs, as in `recordsFromFiles`. */
  readonly store?: Store | readonly Store[] | undefined;
  /** The minimum size of a block in bytes. Only the last block of a file may be smaller. Default: 8 MiB. */
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
 * Reads all bytes once, and verifies the records like `recordsFromFiles`. The index has about 20 bytes for each block.
 * Copies of the files have the same index, except for the versions of local files.
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
  const { createReader, facts } = requireSeekable('indexRecords', decoder);
  const recordFormat = String(facts['format']);
  const { idxFiles, blockBytes, signal, onProgress } = checked;
  if (idxFiles !== undefined && recordFormat !== 'TFRecord') {
    const message = `indexRecords: idxFiles: expected the recordFormat TFRecord, found ${recordFormat}: remove idxFiles`;
    throw new ConfigError(message, { path: 'idxFiles' });
  }
  const list = blockFilesOf('indexRecords', checked);
  const listIdx = idxFiles === undefined ? undefined : blockFilesOf('indexRecords', { ...checked, patterns: idxFiles });
  const run = async (): Promise<DatasetIndex> => {
    const files = await list(signal);
    const idx = await listIdx?.(signal);
    if (idx) requirePairs(files, idx);
    const read = idx ?? files;
    const onRead = counting(read, onProgress);
    const window = new RangeWindow(read.map(storedOf), checked, signal);
    const indexed: IndexedFile[] = [];
    try {
      for (const [position, file] of files.entries()) {
        const reading = window.open(position);
        const one = idx?.[position];
        const blocks = one
          ? await idxBlocks(file, one, { reading, blockBytes, onRead })
          : await blocksOfFile(file, {
              reading,
              reader: createReader(),
              blockBytes,
              onRead,
            });
        const { name, byteLength, version } = file;
        indexed.push({ name, byteLength, version, blocks });
      }
    } finally {
      window.close();
    }
    return { version: 1, recordFormat, files: indexed };
  };
  return run();
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
