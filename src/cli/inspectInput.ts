import { statSync } from 'node:fs';
import { stdin } from 'node:process';
import { tap, type Observable } from 'rxjs';
import { decodeRecords } from '../../operators/decodeRecords.js';
import { decompress } from '../../operators/decompress.js';
import { FormatError } from '../core/errors.js';
import { operate } from '../core/operate.js';
import { maskedCrc32cOfEightBytes } from '../formats/crc32c.js';
import { MAGIC } from '../formats/recordIOLayout.js';
import { RecordIOReader } from '../formats/recordIOReader.js';
import type { RecordReader } from '../formats/recordReader.js';
import { sniffCompression, type Compression } from '../formats/sniffCompression.js';
import { TextLineReader } from '../formats/textLineReader.js';
import { HEADER_BYTES, LENGTH_BYTES } from '../formats/tfRecordLayout.js';
import { TFRecordReader } from '../formats/tfRecordReader.js';
import type { RecordFormat } from '../pipeline/recordFormat.js';
import { fromFifo } from '../sources/fromFifo.js';
import { fromFile } from '../sources/fromFile.js';
import { fromReadable } from '../sources/fromReadable.js';

/** An input of which nothing is known; its fields say what has been found out by now. */
export interface UnknownInput {
  readonly records$: Observable<Uint8Array>;
  readonly format: RecordFormat | null;
  readonly compression: Compression | null;
  /** How many bytes of the input have been read, compressed as they are. */
  readonly bytes: number;
}

const READERS: Readonly<Record<RecordFormat, new () => RecordReader>> = {
  RecordIO: RecordIOReader,
  TFRecord: TFRecordReader,
  TextLine: TextLineReader,
};

/** How much of what seems to be text is looked at. */
const TEXT_SAMPLE_BYTES = 4096;
/** The only control characters in text, in whichever encoding that leaves ASCII as it is. */
const TEXT_CONTROLS: readonly number[] = [...Buffer.from('\t\n\v\f\r\u001b')];
const FIRST_PRINTABLE = 0x20;

/**
 * Reads the records of a file, of a FIFO or, for `-`, of standard input, in the format that its first bytes show.
 *
 * Notifies what reading notifies, and a FormatError where the bytes are of none of the formats.
 */
export function openUnknownInput(path: string, signal: AbortSignal): UnknownInput {
  let format: RecordFormat | null = null;
  let compression: Compression | null = null;
  let bytes = 0;
  const records$ = openBytes(path, signal).pipe(
    tap((chunk) => (bytes += chunk.length)),
    holdHead((head, isWhole) => {
      const found = sniffCompression(head, isWhole);
      if (found !== undefined && found !== 'plain') compression = found;
      return found !== undefined;
    }),
    decompress('auto'),
    holdHead((head) => head.length >= HEADER_BYTES),
    decodeRecords(() => {
      let reader: RecordReader | undefined;
      return {
        push: (chunk) => {
          if (!reader) {
            format = sniffFormat(chunk);
            reader = new READERS[format]();
          }
          reader.push(chunk);
        },
        read: () => reader?.read(),
        end: () => reader?.end(),
      };
    }),
  );
  return {
    records$,
    get format() {
      return format;
    },
    get compression() {
      return compression;
    },
    get bytes() {
      return bytes;
    },
  };
}

function openBytes(path: string, signal: AbortSignal): Observable<Uint8Array> {
  if (path === '-') return fromReadable(stdin, { signal });
  const isFifo = statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false;
  return isFifo ? fromFifo(path, { signal }) : fromFile(path, { signal });
}

/** Puts the first chunks together until it is known what they are, so that the next operator sees them as one. */
function holdHead(isKnown: (head: Uint8Array, isWhole: boolean) => boolean) {
  return (source: Observable<Uint8Array>): Observable<Uint8Array> =>
    operate(source, (destination) => {
      let head: Uint8Array | undefined = new Uint8Array(0);
      const release = (): void => {
        if (head && head.length > 0) destination.next(head);
        head = undefined;
      };
      return {
        next: (chunk) => {
          if (!head) {
            destination.next(chunk);
            return;
          }
          head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
          if (isKnown(head, false)) release();
        },
        error: (error) => {
          release();
          destination.error(error);
        },
        complete: () => {
          if (head) isKnown(head, true);
          release();
          destination.complete();
        },
      };
    });
}

/** The format of an input, by its first bytes, of which there are at least 12 unless that is all. */
function sniffFormat(head: Uint8Array): RecordFormat {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length >= 4 && view.getUint32(0, true) === MAGIC) return 'RecordIO';
  const isHeader =
    head.length >= HEADER_BYTES && maskedCrc32cOfEightBytes(view, 0) === view.getInt32(LENGTH_BYTES, true);
  if (isHeader) return 'TFRecord';
  const sample = head.subarray(0, TEXT_SAMPLE_BYTES);
  if (sample.every((byte) => byte >= FIRST_PRINTABLE || TEXT_CONTROLS.includes(byte))) return 'TextLine';
  const message =
    'it begins neither with the magic word of RecordIO nor with a sound header of TFRecord, and is no text';
  throw new FormatError(message, { kind: 'malformed', format: 'inspect', byteOffset: 0, recordIndex: 0 });
}
