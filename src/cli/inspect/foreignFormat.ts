import { isUtf8 } from 'node:buffer';

/** A format that is known by its first bytes, and what to do with it. */
interface ForeignFormat {
  readonly name: string;
  readonly magic: string;
  /** Where the magic is; 0 unless it is said. */
  readonly at?: number;
  readonly remedy: string;
}

const TABLE = 'millrace does not read it: write it as TFRecord or CSV';
const ARCHIVE = 'unpack it first';
const IMAGE = 'read the file as one record, and decodeImage';
const COMPRESSED = 'only gzip and zlib can be read: decompress it first, such as';

/** Said of bytes that nothing is known of. */
export const NO_FORMAT =
  'it begins neither with the magic word of RecordIO nor with a sound header of TFRecord, and is no text';

/** The magics are written as latin1: one character for a byte. */
const FORMATS: readonly ForeignFormat[] = [
  { name: 'Parquet', magic: 'PAR1', remedy: TABLE },
  { name: 'encrypted Parquet', magic: 'PARE', remedy: TABLE },
  { name: 'Arrow (Feather)', magic: 'ARROW1', remedy: TABLE },
  { name: 'Feather, version 1', magic: 'FEA1', remedy: TABLE },
  { name: 'ORC', magic: 'ORC', remedy: TABLE },
  { name: 'Avro', magic: 'Obj\x01', remedy: TABLE },
  { name: 'HDF5', magic: '\x89HDF\r\n\x1a\n', remedy: TABLE },
  { name: 'SQLite', magic: 'SQLite format 3\0', remedy: TABLE },
  { name: 'a NumPy array', magic: '\x93NUMPY', remedy: 'decodeRaw reads the values that follow its header' },
  { name: 'a zip archive (or .npz, .xlsx, .keras)', magic: 'PK\x03\x04', remedy: ARCHIVE },
  { name: 'a tar archive', magic: 'ustar', at: 257, remedy: ARCHIVE },
  { name: 'bzip2', magic: 'BZh', remedy: `${COMPRESSED} bunzip2 -c` },
  { name: 'xz', magic: '\xfd7zXZ\0', remedy: `${COMPRESSED} xz -dc` },
  { name: 'Zstandard', magic: '\x28\xb5\x2f\xfd', remedy: `${COMPRESSED} zstd -dc` },
  { name: 'LZ4', magic: '\x04\x22\x4d\x18', remedy: `${COMPRESSED} lz4 -dc` },
  { name: 'framed Snappy', magic: '\xff\x06\0\0sNaPpY', remedy: `${COMPRESSED} snzip -dc` },
  { name: 'a GIF image', magic: 'GIF8', remedy: IMAGE },
  { name: 'a WebP image', magic: 'WEBP', at: 8, remedy: IMAGE },
  { name: 'a TIFF image', magic: 'II*\0', remedy: IMAGE },
  { name: 'a TIFF image', magic: 'MM\0*', remedy: IMAGE },
  { name: 'a BMP image', magic: '\0\0\0\0', at: 6, remedy: IMAGE },
  { name: 'PDF', magic: '%PDF-', remedy: 'millrace does not read it' },
];

/**
 * Returns a message about a format that millrace does not read, by its first bytes; `undefined` if they are not known.
 */
export function foreignFormat(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  const encoding = utf16Of(head);
  if (encoding !== undefined) return `this is text in ${encoding}: convert it: iconv -f ${encoding} -t UTF-8`;
  if (head.length > 0 && head.every((byte) => byte === 0)) {
    return `it begins with zeros only, as a preallocated file that was never written: ${NO_FORMAT}`;
  }
  const found = FORMATS.find(({ name, magic, at = 0 }) => {
    return text.startsWith(magic, at) && (!name.includes('BMP') || text.startsWith('BM'));
  });
  return found && `this is ${found.name}: ${found.remedy}`;
}

/** Returns the encoding of UTF-16 text, by its byte order mark, or by the zeros between ASCII characters. */
function utf16Of(head: Uint8Array): string | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'UTF-16LE';
  if (head[0] === 0xfe && head[1] === 0xff) return 'UTF-16BE';
  const even = head.filter((_, index) => index % 2 === 0);
  const odd = head.filter((_, index) => index % 2 === 1);
  if (isPlainText(even) && odd.length > 1 && odd.every((byte) => byte === 0)) return 'UTF-16LE';
  if (isPlainText(odd) && even.length > 1 && even.every((byte) => byte === 0)) return 'UTF-16BE';
  return undefined;
}

const UTF_16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];
const FIRST_PRINTABLE = 0x20;
/** The only control characters in text, in every encoding that leaves ASCII as it is. */
const TEXT_CONTROLS: readonly number[] = [...Buffer.from('\t\n\v\f\r\u001b')];

/** Whether the bytes hold no control characters but blanks and escape, and no mark of UTF-16. */
export function isText(sample: Uint8Array): boolean {
  const isMarked = UTF_16_MARKS.some((mark) => mark.every((byte, index) => sample[index] === byte));
  return !isMarked && sample.every((byte) => byte >= FIRST_PRINTABLE || TEXT_CONTROLS.includes(byte));
}

function isPlainText(bytes: Uint8Array): boolean {
  return bytes.length > 1 && isText(bytes) && isUtf8(bytes);
}
