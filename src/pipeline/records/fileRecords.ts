import { catchError, concatMap, finalize, from, Observable, toArray, type MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { interleave } from '../../../operators/interleave.js';
import { countFactsOf, wholeFileDecoder } from '../../../operators/shared/fileStarts.js';
import { nameFile } from '../../../operators/shared/nameFile.js';
import type { Announcement } from '../../resume/cursor.js';
import { operate } from '../../demand/operate.js';
import { outputBelow } from '../../demand/output.js';
import { ConfigError } from '../../base/errors.js';
import { seedOption } from '../../base/optionFields.js';
import { positiveInteger } from '../../base/parseOptions.js';
import { COMPRESSIONS } from '../../formats/compression/sniffCompression.js';
import { withPass, type Pass } from '../../resume/pass.js';
import { RangeWindow, type RangeWindowOptions } from '../../stores/rangeWindow.js';
import { DEFAULT_READING } from '../../stores/storeBytes.js';
import { abortable } from '../../sources/abortable.js';
import { countPasses } from '../../sources/countPasses.js';
import { decompressor, type FileCompression } from './decompressed.js';
import { fileFacts } from './fileFacts.js';
import { filterFields, type FileFilterOptions } from './fileFilter.js';
import { fileReaderOf, type FileReader } from './fileReader.js';
import { filesInOrder, type ListFiles } from './filesInOrder.js';
import { markedReader } from './markedRecords.js';
import { readAhead } from './readAhead.js';
import { bytesOfFile, type RecordFile } from './recordFile.js';
import type { RecordDecoder } from './recordFormat.js';

/** Options for reading records from files. */
export interface FileOptions extends FileFilterOptions {
  /**
   * Shuffles the files before each epoch. The order depends only on this seed (0 to 2^32 - 1) and on the epoch number.
   * A downstream `resumable` sets the epoch number. Without `resumable`, the epoch number is the number of earlier
   * subscriptions. Default: reads the files sorted by name.
   *
   * Do not separate training and validation data with `take` and `skip`, because the order differs in each epoch. Use
   * separate files, or a `filter` on a hash of the key.
   */
  readonly shuffleSeed?: number | undefined;
  /** The number of files that are open at the same time and read in turn, as with `interleave`. Default: 1. */
  readonly cycleLength?: number | undefined;
  /** The number of records that are read from a file in one turn. Default: 1. */
  readonly blockLength?: number | undefined;
  /**
   * The compression of the files. `auto` detects gzip, zlib and zstd by the content. If the content is not recognised,
   * the extension decides: `.gz`, `.zlib`, `.zz`, `.zst` or `.br`. `none` does not decompress. zstd needs Node.js
   * 22.15. Default: `auto`.
   *
   * If `recordFormat` is a chain of operators that begins with `decompress()`, only `decompress()` decompresses the
   * files.
   */
  readonly compression?: FileCompression | undefined;
}

export const fileFields = lazy(() => ({
  ...filterFields(),
  shuffleSeed: seedOption()
    .optional()
    .describe(
      'If set, each epoch reads the files in a new random order, computed from this seed. Has no effect in Pipe mode.',
    ),
  cycleLength: positiveInteger()
    .default(1)
    .describe('The number of files that are open at the same time. Default: 1. Has no effect in Pipe mode.'),
  blockLength: positiveInteger()
    .default(1)
    .describe(
      'The number of consecutive records to read from an open file before the next file. Default: 1. Has no effect in Pipe mode.',
    ),
  compression: z
    .enum(['auto', 'none', ...COMPRESSIONS])
    .default('auto')
    .describe(
      'How the files are compressed. "auto" detects gzip, zlib and zstd by the content. If the content is not recognised, the extension decides: .gz, .zlib, .zz, .zst or .br. Default: "auto". Has no effect in Pipe mode.',
    ),
}));

export interface ListedFiles {
  readonly path: string;
  readonly list: ListFiles;
  /** Returns what a cursor stores: the name of the input, and facts about its files. Paths are relative to `root`. */
  readonly cursorInput: () => { readonly name: string; readonly root?: string; readonly facts?: Announcement };
}

export interface FileRecordsOptions<R> extends FileOptions {
  readonly decoder: RecordDecoder<R>;
  readonly reading?: RangeWindowOptions | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The text of the error after too many empty epochs. If `undefined`, the number of empty epochs is not limited. */
  readonly emptyEpochs?: { readonly name: string; readonly remedy: string } | undefined;
}

/** Offsets in errors count the decompressed bytes of the file. */
export function fileRecords<R>(options: FileRecordsOptions<R>): (files: ListedFiles) => Observable<R> {
  const { decoder, shuffleSeed, cycleLength = 1, blockLength, compression = 'auto', signal, emptyEpochs } = options;
  const { reading = DEFAULT_READING } = options;
  const decompressed = decompressor(compression);
  let epoch = 0;
  const decompressedOf = (path: string) => (stored$: Observable<Uint8Array>) =>
    decompressed(stored$, path.replace(/\?…$/, ''));
  const wholeFile = wholeFileDecoder(decoder);
  const decoderOf = wholeFile ?? (() => decoder);
  const reader = requireNoCompression(fileReaderOf(decoder), compression);
  const read = (file: RecordFile): Observable<R> => {
    if (reader) return reader.read({ file, reading });
    return decompressedOf(file.path)(bytesOfFile(file, reading)).pipe(decoderOf(file), namingFile(file.path));
  };
  let counted: MonoTypeOperatorFunction<R> | undefined;
  const readAll = (files: ListedFiles) =>
    withPass((pass) => {
      const order = shuffleSeed === undefined ? undefined : ([shuffleSeed, pass?.epoch ?? epoch++] as const);
      const tracked = pass && trackFiles(pass, files, options);
      const list = tracked?.list ?? files.list;
      const input = tracked?.input;
      const readMarked = input && cycleLength === 1 ? markedReader(input, decoder, compression) : undefined;
      const marked = cycleLength === 1 && reader?.seekFacts && input?.allowMarks(reader.seekFacts) ? input : undefined;
      const first = input?.first.file ?? 0;
      const files$ = filesInOrder(list, { order, first });
      const readInTurn = (found: readonly RecordFile[], offset = 0): Observable<R> => {
        const stored = found.map((file) => file.stored);
        const window = new RangeWindow(stored, reading);
        const readNext = (file: RecordFile, index: number): Observable<R> => {
          const { path } = file;
          const mark = input?.beginFile(first + offset + index);
          if (reader) return reader.read({ file, reading, input: marked, mark });
          const start = readMarked && mark?.byteOffset;
          const stored$ = bytesOfFile(file, () => window.open(index, start), start);
          const records$ = readMarked
            ? readMarked(stored$, mark, decompressedOf(path))
            : decompressedOf(path)(stored$).pipe(decoderOf(file));
          return records$.pipe(namingFile(path));
        };
        return from(found).pipe(
          concatMap(readNext),
          finalize(() => window.close()),
        );
      };
      // `concatMap` buffers all names, but uses no additional memory, because the list of files contains the same
      // names.
      const all$ =
        cycleLength === 1
          ? files$.pipe(
              toArray(),
              concatMap((found) => (wholeFile ? readAhead(found, readInTurn) : readInTurn(found))),
            )
          : files$.pipe(interleave(read, { cycleLength, blockLength }));
      return tracked ? all$.pipe(tracked.count) : all$;
    });
  return (files) => {
    const { path } = files;
    if (emptyEpochs) counted ??= countPasses(emptyEpochs.name, { remedy: emptyEpochs.remedy, path });
    const records$ = unlessFilesWritten(files.list, (list) => readAll({ ...files, list }));
    return (counted ? records$.pipe(counted) : records$).pipe(abortable(signal));
  };
}

/** Adds the facts about the files to the cursor of the pass. `count` drops the records before the cursor. */
function trackFiles<R>({ ledger }: Pass, files: ListedFiles, options: FileRecordsOptions<R>) {
  const { decoder, shuffleSeed, cycleLength, blockLength } = options;
  const { name, root, facts } = files.cursorInput();
  const countFacts = fileReaderOf(decoder)?.countFacts ?? countFactsOf(decoder);
  const input = ledger.input(name, 'records');
  const list = async (signal: AbortSignal): Promise<readonly RecordFile[]> => {
    const found = await files.list(signal);
    input.announceFacts({
      ...facts,
      ...countFacts,
      shuffleSeed,
      cycleLength,
      blockLength,
      ...(await fileFacts(found, root)),
    });
    return found;
  };
  const count: MonoTypeOperatorFunction<R> = (source) =>
    operate<R, R>(source, (destination) => ({
      next: (record) => {
        if (input.readRecord()) destination.next(record);
      },
    }));
  return { list, count, input };
}

/** If the consumer writes one of the files, fails before the first file is read. */
export function unlessFilesWritten<F extends RecordFile, R>(
  list: (signal: AbortSignal) => Promise<readonly F[]>,
  read: (list: (signal: AbortSignal) => Promise<readonly F[]>) => Observable<R>,
): Observable<R> {
  return new Observable<R>((destination) => {
    const output = outputBelow(destination);
    const checked = async (signal: AbortSignal): Promise<readonly F[]> => {
      const found = await list(signal);
      for (const { path, stored } of found) output?.refuse(stored?.object.url ?? path);
      return found;
    };
    return read(checked).subscribe(destination);
  });
}

function requireNoCompression<R>(reader: FileReader<R> | undefined, compression: FileCompression) {
  if (!reader || compression === 'auto' || compression === 'none') return reader;
  const message = 'compression: the pages of Parquet files are compressed, not the files: remove this option';
  throw new ConfigError(message, { path: 'compression' });
}

function namingFile<R>(path: string): MonoTypeOperatorFunction<R> {
  return catchError((cause: unknown) => {
    throw nameFile(cause, path);
  });
}
