import { statSync } from 'node:fs';
import { tap, type Observable } from 'rxjs';
import { decodeChunks } from '../../../operators/decodeRecords.js';
import { decompressSniffed } from '../../../operators/decompress.js';
import { compressionOfName } from '../../formats/compression/compressionOfName.js';
import { sniffCompression, sniffNamedBrotli, type Compression } from '../../formats/compression/sniffCompression.js';
import type { RecordReader } from '../../formats/framing/recordReader.js';
import { fromFifo } from '../../sources/fromFifo.js';
import { fromReadable } from '../../sources/fromReadable.js';
import { holdHead } from '../../sources/holdHead.js';
import { abortable } from '../../sources/abortable.js';
import type { RangeWindowOptions } from '../../stores/rangeWindow.js';
import { DEFAULT_READING } from '../../stores/storeBytes.js';
import { bytesOfFile, type RecordFile } from '../../pipeline/records/recordFile.js';
import { openReader, SNIFFED_BYTES, sniffFormat, type InputFormat } from './inputFormat.js';

/** The fields change during reading. */
export interface UnknownInput {
  readonly records$: Observable<Uint8Array>;
  readonly format: InputFormat | null;
  readonly compression: Compression | null;
  /** The number of bytes before decompression. */
  readonly bytes: number;
  /** `records$` does not contain the mark. */
  readonly hasByteOrderMark: boolean;
  readonly hasMultipart: boolean;
}

interface InputOptions {
  readonly signal: AbortSignal;
  /** If false, a FIFO is an error, because it may never have a writer. */
  readonly allowsFifo: boolean;
  /** Options for objects of stores. Default: like `storeBytes`. */
  readonly reading?: RangeWindowOptions | undefined;
  readonly onChunk: () => void;
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Reads a file, an object of a store, a FIFO, or `-` for standard input. Recognises the format by the first bytes.
 * Emits a FormatError if the format is unknown.
 */
export function openUnknownInput(file: RecordFile, options: InputOptions): UnknownInput {
  const found = {
    format: null as InputFormat | null,
    compression: null as Compression | null,
    bytes: 0,
    hasByteOrderMark: false,
    hasMultipart: false,
  };
  const isBrotli = compressionOfName(file.path) === 'brotli';
  const records$ = openBytes(file, options).pipe(
    tap((chunk) => {
      found.bytes += chunk.length;
      options.onChunk();
    }),
    decompressSniffed("decompress('auto')", (head, isWhole) => {
      const compression = isBrotli ? sniffNamedBrotli(head, isWhole) : sniffCompression(head, isWhole);
      if (compression !== undefined && compression !== 'plain') found.compression = compression;
      return compression;
    }),
    holdHead((head) => head.length >= SNIFFED_BYTES),
    decodeChunks(
      () => {
        let reader: RecordReader | undefined;
        return {
          push: (chunk) => {
            reader?.push(chunk);
            if (reader) return;
            found.hasByteOrderMark = BYTE_ORDER_MARK.every((byte, index) => chunk[index] === byte);
            found.format = sniffFormat(chunk);
            reader = openReader(found.format, () => (found.hasMultipart = true));
            reader.push(found.hasByteOrderMark ? chunk.subarray(BYTE_ORDER_MARK.length) : chunk);
          },
          read: () => reader?.read(),
          end: () => reader?.end(),
        };
      },
      { name: 'inspect', namesFile: false },
    ),
  );
  return Object.assign(found, { records$ });
}

function openBytes(
  file: RecordFile,
  { signal, allowsFifo, reading = DEFAULT_READING }: InputOptions,
): Observable<Uint8Array> {
  const { path } = file;
  if (path === '-') return fromReadable(process.stdin, { signal });
  const isFifo = allowsFifo && (statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false);
  return isFifo ? fromFifo(path, { signal }) : bytesOfFile(file, reading).pipe(abortable(signal));
}
