import { isUtf8 } from 'node:buffer';
import { quote } from '../../base/showValue.js';
import { imageSize } from '../imageSize.js';
import { signedFormat, utf16MarkOf } from './signedFormat.js';
import { sniffCompression } from '../compression/sniffCompression.js';
import { sniffRecords } from './sniffRecords.js';

/** The minimum number of bytes. Fewer bytes may be a number or a length that looks like text or zeros. */
const LEAST_BYTES = 8;

const TEXT_CONTROLS: readonly number[] = [...Buffer.from('\t\n\r')];

const ZEROS = 'zeros';

/** The remedy for pipelines to which the user cannot add an operator. */
const WITHOUT_CODE =
  "if compression: 'none' is set, remove this option; if the bytes come from a channel, set CompressionType Gzip";

const GZIP_TWICE =
  "if the bytes were already decompressed once, the stored data was compressed twice: put two decompress('gzip') before the decoder, or compress the stored data only once";

export interface Look {
  readonly name: string;
  readonly remedy: string;
}

export function lookOf(head: Uint8Array): Look | undefined {
  const compression = sniffCompression(head, true);
  if (compression !== undefined && compression !== 'plain') {
    const inCode = `put decompress('${compression}') before the decoder`;
    return {
      name: compression,
      remedy: compression === 'gzip' ? `${WITHOUT_CODE}; otherwise, ${inCode}; ${GZIP_TWICE}` : inCode,
    };
  }
  const records = sniffRecords(head);
  if (records) return { name: records, remedy: `use the recordFormat ${records}, or decode${records}` };
  const image = imageSize(head);
  if (image) return { name: `a ${image.format} image`, remedy: '' };
  const name = utf16MarkOf(head) ? 'UTF-16 text' : signedFormat(head)?.name;
  if (name !== undefined) return { name, remedy: '' };
  if (head.length < LEAST_BYTES) return undefined;
  if (head.every((byte) => byte === 0)) return { name: ZEROS, remedy: '' };
  return isText(head)
    ? { name: `text (${quote(textOf(head))})`, remedy: 'check that this is the right file' }
    : undefined;
}

export function compressionOfText(bytes: Uint8Array): Look | undefined {
  const head = bytes.subarray(0, HINT_BYTES);
  if (isText(head)) return undefined;
  const signed = signedFormat(head);
  if (signed?.isCompressed === true) return signed;
  const look = lookOf(head);
  const isCompressed = look?.name === 'gzip' || look?.name === 'zstd';
  return isCompressed || (look?.name === 'zlib' && head.length >= LEAST_BYTES) ? look : undefined;
}

export const HINT_BYTES = 64;

/** Returns a suffix of error messages: the probable format and the remedy. Empty for expected and unknown formats. */
export function lookHint(head: Uint8Array, format: string): string {
  const look = lookOf(head);
  if (!look || look.name === format) return '';
  if (look.name === ZEROS) return '; only zero bytes follow: the file may be preallocated';
  return `; the bytes look like ${look.name}${look.remedy === '' ? '' : `: ${look.remedy}`}`;
}

/** Like {@link lookHint}, for bytes that are not the start of a record, for example after a truncated record. */
export function lostHint(head: Uint8Array, format: string, recordIndex: number): string {
  const look = lookHint(head, format);
  if (recordIndex > 0) return `${look}; the previous record may be truncated, or a new file begins here`;
  return look || `; the content may not be ${format}, or may be compressed`;
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

function wholeCharacters(head: Uint8Array): Uint8Array {
  const start = head.findLastIndex((byte) => (byte & 0xc0) !== 0x80);
  const lead = head[start] ?? 0;
  const length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return start >= 0 && head.length - start < length ? head.subarray(0, start) : head;
}
