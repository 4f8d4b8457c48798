import type { OperatorFunction } from 'rxjs';
import { boundary } from '../src/demand/boundary.js';
import { callback, parseOptions } from '../src/base/parseOptions.js';
import { placeOf } from '../src/base/origins.js';
import { Queue } from '../src/base/queue.js';
import { ReusedMemory } from '../src/base/reusedMemory.js';
import type { ReaderPosition } from '../src/base/readerPosition.js';
import { requireBytes } from '../src/base/requireBytes.js';
import type { FormatDefinition, FormatReader } from '../src/formats/framing/formatDefinition.js';
import { piecesOf } from '../src/resume/byteMark.js';
import type { Announcement } from '../src/resume/cursor.js';
import { withPass } from '../src/resume/pass.js';
import type { RecordReader } from '../src/formats/framing/recordReader.js';
import { withBadRecords, type BadRecordOptions } from './shared/badRecords.js';
import { rememberCounts, rememberFileStart, rememberWholeFiles } from './shared/fileStarts.js';
import { nameFile } from './shared/nameFile.js';
import { chunkWatcher, rememberSeekable, type DecoderSeek } from './shared/seekable.js';

/**
 * Decodes chunks of bytes with a custom {@link RecordReader}, one record at a time on demand.
 *
 * ```ts
 * import { fromFile } from 'millrace';
 * import { TFRecordReader } from 'millrace/formats';
 * import { decodeRecords } from 'millrace/operators';
 *
 * const records$ = fromFile('train.tfrecord').pipe(decodeRecords(() => new TFRecordReader()));
 * ```
 *
 * Memory: one chunk, and one record that spans chunks. If the reader throws or the source fails, the records before the
 * error are emitted first. FormatErrors name the file or FIFO of the chunk, if known. Fails with a ConfigError if a
 * chunk is not a Uint8Array.
 *
 * @param createReader - is called once for each subscription.
 * @param name - the name in warnings and reports.
 */
export function decodeRecords<R>(
  createReader: () => RecordReader<R>,
  name = 'decodeRecords',
): OperatorFunction<Uint8Array, R> {
  parseOptions('decodeRecords', callback(), createReader);
  return decodeChunks(() => createReader(), { name });
}

type InFile = (error: unknown) => unknown;

interface DecodeOptions {
  readonly name: string;
  /** If true, adds the file or FIFO, if known, to errors of the reader. Default: true. */
  readonly namesFile?: boolean;
  /** The start of the input, and a function that observes the chunks. Requires a reader with a `position`. */
  readonly seek?: DecoderSeek;
}

/** {@link decodeRecords} without argument checks. */
export function decodeChunks<R>(
  createReader: (inFile: InFile) => FormatReader<R>,
  options: DecodeOptions,
): OperatorFunction<Uint8Array, R> {
  return (source) =>
    boundary<Uint8Array, R>(source, { name: options.name, onDemand: true }, ({ destination, down }) => {
      const { next, ...records } = recordsOfChunks(createReader, options);
      /** Replaces `destination.closed`, which takes longer to read than all other work for a record. */
      let isStopped = false;
      let emitted = 0;
      return {
        receive: records.push,
        hasRoom: () => !records.hasUnread(),
        emit: () => {
          const before = emitted;
          while (down.isOpen && !isStopped) {
            const record = next();
            if (record === undefined) break;
            emitted++;
            destination.next(record);
          }
          return emitted > before;
        },
        emitted: () => emitted,
        takeMemory: records.takeMemory,
        isEmpty: () => !records.hasUnread() && !records.isEndDue(),
        sourceEnded: (how) => {
          if (how === 'completed') records.end();
        },
        clear: () => {
          isStopped = true;
          records.clear();
        },
      };
    });
}

function recordsOfChunks<R>(
  createReader: (inFile: InFile) => FormatReader<R>,
  { name, namesFile = true, seek }: DecodeOptions,
) {
  let current: Uint8Array | undefined;
  const inFile: InFile = (error) => (namesFile ? nameFile(error, current && placeOf(current)?.path) : error);
  const reader = createReader(inFile);
  const chunks = new Queue<Uint8Array>();
  const memory = new ReusedMemory();
  const watch = seek && chunkWatcher(seek);
  let isReading = false;
  let isEndDue = false;

  const takeChunk = (): boolean => {
    const chunk = chunks.shift();
    if (chunk === undefined) return false;
    requireBytes(name, chunk, { path: 'chunk' });
    current = chunk;
    watch?.(chunk, reader.position);
    reader.push(chunk);
    isReading = true;
    return true;
  };

  const lastRecord = (): R | undefined => {
    if (!isEndDue) return undefined;
    isEndDue = false;
    return reader.end();
  };

  return {
    push: (chunk: Uint8Array): void => {
      for (const piece of watch ? piecesOf(chunk) : [chunk]) chunks.push(piece);
    },
    next: (): R | undefined => {
      try {
        while (isReading || takeChunk()) {
          const record = reader.read();
          if (record !== undefined) return record;
          isReading = false;
          if (current) memory.giveBack(current);
        }
        return lastRecord();
      } catch (error) {
        throw inFile(error);
      }
    },
    /** The end of the input may complete more records. */
    end: (): void => {
      if (reader.finish) {
        reader.finish();
        isReading = true;
      } else isEndDue = true;
    },
    hasUnread: () => isReading || chunks.length > 0,
    isEndDue: () => isEndDue,
    clear: () => chunks.clear(),
    takeMemory: (byteLength: number) =>
      // With `watch`, memory is not reused: chunks are read again later, and their pieces share memory.
      reader.keepsChunks === false && !watch ? memory.take(byteLength) : reader.room?.(byteLength),
  };
}

/** {@link decodeRecords} for a built-in format, with validated options. */
export function decodeFormat<R>(
  format: FormatDefinition<string, R>,
  options: object,
  badRecords: BadRecordOptions = {},
): OperatorFunction<Uint8Array, R> {
  const name = `decode${format.name}`;
  const checked = options as never;
  const createReader = format.readers(checked);
  const onBadRecord = badRecords.onBadRecord ?? (format.skipsByDefault?.(checked) === true ? 'skip' : 'fail');
  const decode = withBadRecords<Uint8Array, R>(name, { ...badRecords, onBadRecord }, (judge) =>
    decodeChunks((inFile) => createReader(judge && ((error, bytes) => judge(inFile(error), bytes))), { name }),
  );
  const countFacts = format.countFacts?.(checked);
  const decoder = countFacts ? tellingCounts(decode, name, countFacts) : decode;
  const reason = format.needsFileStart?.(checked);
  if (reason !== undefined) rememberFileStart(decoder, reason);
  if (format.isWholeFile)
    rememberWholeFiles(decoder, (file) => decodeChunks(() => createReader(undefined, undefined, file), { name }));
  // `maxBadRecords` counts from the start of the file, so a decoder that skips records cannot start later.
  if (onBadRecord === 'fail' && format.isSeekable !== false) {
    const readerFrom = (start?: ReaderPosition) => createReader(undefined, start);
    const seeking = (seek: DecoderSeek) => decodeChunks(() => readerFrom(seek.start), { name, seek });
    rememberSeekable(decoder, { facts: { format: format.name, ...options }, seeking, createReader: readerFrom });
  }
  return decoder;
}

/** A cursor counts records, so a resumed pipeline must divide its files into the same records. */
function tellingCounts<R>(
  decode: OperatorFunction<Uint8Array, R>,
  name: string,
  facts: Announcement,
): OperatorFunction<Uint8Array, R> {
  const decoder: OperatorFunction<Uint8Array, R> = (source) =>
    withPass((pass) => {
      pass?.ledger.decoder(name, facts);
      return decode(source);
    });
  rememberCounts(decoder, facts);
  return decoder;
}
