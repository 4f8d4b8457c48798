import { isUtf8 } from 'node:buffer';
import { quote } from '../core/showValue.js';
import { maskedCrc32cOfEightBytes } from './crc32c.js';
import { MAGIC } from './recordIOLayout.js';
import { sniffCompression } from './sniffCompression.js';
import { HEADER_BYTES, LENGTH_BYTES } from './tfRecordLayout.js';

/** Formats that are known by their first bytes. Each signature is printed in the format's own specification. */
const SIGNATURES: readonly (readonly [name: string, hexadecimal: string])[] = [
  ['a JPEG image', 'ffd8ff'],
  ['a PNG image', '89504e470d0a1a0a'],
  ['a GIF image', '47494638'],
  ['bzip2', '425a68'],
  ['Zstandard', '28b52ffd'],
  ['xz', 'fd377a585a00'],
  ['a ZIP archive', '504b0304'],
  ['Parquet', '50415231'],
  ['Avro', '4f626a01'],
  ['NumPy', '934e554d5059'],
  ['HDF5', '894844460d0a1a0a'],
  ['UTF-16 text', 'fffe'],
  ['UTF-16 text', 'feff'],
];

/** Fewer bytes may be a number or a length that happens to look like text or zeros. */
const LEAST_BYTES = 8;

/** The only control characters that text has. */
const TEXT_CONTROLS: readonly number[] = [...Buffer.from('\t\n\r')];

const ZEROS = 'zeros';

/** The format that bytes look like, and the remedy. */
export interface Look {
  readonly name: string;
  /** Empty if only another file will help. */
  readonly remedy: string;
}

/**
 * Returns the format that unexpected bytes look like, by the first of them: compressed data, another record format, a
 * well-known file format, text or zeros. Returns `undefined` for anything else.
 */
export function lookOf(head: Uint8Array): Look | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const compression = sniffCompression(head, true);
  if (compression !== undefined && compression !== 'plain') {
    const remedy = `put decompress('${compression}') before the decoder`;
    return { name: compression, remedy: compression === 'gzip' ? `${remedy}, or name the file .gz` : remedy };
  }
  if (head.length >= 4 && view.getUint32(0, true) === MAGIC) return { name: 'RecordIO', remedy: 'use decodeRecordIO' };
  const isTFRecord =
    head.length >= HEADER_BYTES && maskedCrc32cOfEightBytes(view, 0) === view.getInt32(LENGTH_BYTES, true);
  if (isTFRecord) return { name: 'TFRecord', remedy: 'use decodeTFRecord' };
  const hexadecimal = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 16)).toString('hex');
  const known = SIGNATURES.find(([, signature]) => hexadecimal.startsWith(signature));
  if (known) return { name: known[0], remedy: '' };
  if (head.length < LEAST_BYTES) return undefined;
  if (head.every((byte) => byte === 0)) return { name: ZEROS, remedy: '' };
  return isText(head) ? { name: `text (${quote(textOf(head))})`, remedy: 'is it the right file?' } : undefined;
}

/** The number of bytes that readers pass to {@link lostHint}: enough for the beginning of a text. */
export const HINT_BYTES = 64;

/**
 * Returns the end of a message, after a semicolon: the format that bytes look like, and the remedy. Returns an empty
 * text if they look like their own format or like none. Fewer bytes may have arrived at the cut of a chunk, so it may
 * say less.
 */
export function lookHint(head: Uint8Array, format: string): string {
  const look = lookOf(head);
  if (!look || look.name === format) return '';
  if (look.name === ZEROS) return '; only zeros follow: is it a preallocated file?';
  return `; the bytes look like ${look.name}${look.remedy === '' ? '' : `: ${look.remedy}`}`;
}

/** {@link lookHint} for bytes that do not begin a record. It also says what may be wrong before them. */
export function lostHint(head: Uint8Array, format: string, recordIndex: number): string {
  const look = lookHint(head, format);
  if (recordIndex > 0) return `${look}; the record before may be cut, or another object begins here`;
  return look || `; is the content ${format}, decompressed?`;
}

function isText(head: Uint8Array): boolean {
  return (
    head.every((byte) => (byte >= 0x20 && byte !== 0x7f) || TEXT_CONTROLS.includes(byte)) &&
    isUtf8(wholeCharacters(head))
  );
}

function textOf(head: Uint8Array): string {
  return Buffer.from(wholeCharacters(head)).toString('utf8');
}

/** Returns the bytes without an incomplete character at their end. */
function wholeCharacters(head: Uint8Array): Uint8Array {
  const start = head.findLastIndex((byte) => (byte & 0xc0) !== 0x80);
  const lead = head[start] ?? 0;
  const length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return start >= 0 && head.length - start < length ? head.subarray(0, start) : head;
}
