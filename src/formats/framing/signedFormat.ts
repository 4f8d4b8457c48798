export interface SignedFormat {
  readonly name: string;
  readonly magic: string;
  readonly at?: number;
  readonly start?: string;
  readonly remedy: string;
  readonly isCompressed?: boolean;
}

const TABLE = 'millrace does not read this format: write the data as TFRecord or CSV';
const ARCHIVE = 'unpack the archive first';
const IMAGE = 'convert the image, because decodeImage decodes only JPEG and PNG';
const COMPRESSED =
  'millrace decompresses only gzip, zlib, zstd and brotli: first decompress the data, for example with';

/** Magic bytes are latin1 text: one character for each byte. */
const FORMATS: readonly SignedFormat[] = [
  { name: 'Parquet', magic: 'PAR1', remedy: 'read it with fromParquet of millrace/parquet' },
  { name: 'encrypted Parquet', magic: 'PARE', remedy: TABLE },
  { name: 'Arrow (Feather)', magic: 'ARROW1', remedy: TABLE },
  { name: 'Feather, version 1', magic: 'FEA1', remedy: TABLE },
  { name: 'ORC', magic: 'ORC', remedy: TABLE },
  { name: 'Avro', magic: 'Obj\x01', remedy: TABLE },
  { name: 'HDF5', magic: '\x89HDF\r\n\x1a\n', remedy: TABLE },
  { name: 'SQLite', magic: 'SQLite format 3\0', remedy: TABLE },
  {
    name: 'a NumPy array',
    magic: '\x93NUMPY',
    remedy: 'remove the header of the array, and read the values with decodeRaw',
  },
  { name: 'a zip archive (or .npz, .xlsx, .keras)', magic: 'PK\x03\x04', remedy: ARCHIVE },
  { name: 'a tar archive', magic: 'ustar', at: 257, remedy: ARCHIVE },
  { name: 'bzip2', start: 'BZh', magic: '1AY&SY', at: 4, remedy: `${COMPRESSED} bunzip2 -c`, isCompressed: true },
  { name: 'xz', magic: '\xfd7zXZ\0', remedy: `${COMPRESSED} xz -dc`, isCompressed: true },
  { name: 'LZ4', magic: '\x04\x22\x4d\x18', remedy: `${COMPRESSED} lz4 -dc`, isCompressed: true },
  { name: 'framed Snappy', magic: '\xff\x06\0\0sNaPpY', remedy: `${COMPRESSED} snzip -dc`, isCompressed: true },
  { name: 'a GIF image', magic: 'GIF8', remedy: IMAGE },
  { name: 'a WebP image', magic: 'WEBP', at: 8, remedy: IMAGE },
  { name: 'a TIFF image', magic: 'II*\0', remedy: IMAGE },
  { name: 'a TIFF image', magic: 'MM\0*', remedy: IMAGE },
  { name: 'a BMP image', start: 'BM', magic: '\0\0\0\0', at: 6, remedy: IMAGE },
  { name: 'PDF', magic: '%PDF-', remedy: 'millrace does not read this format' },
];

export function signedFormat(head: Uint8Array): SignedFormat | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  return FORMATS.find(({ start = '', magic, at = 0 }) => text.startsWith(start) && text.startsWith(magic, at));
}

export function utf16MarkOf(head: Uint8Array): 'UTF-16LE' | 'UTF-16BE' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'UTF-16LE';
  return head[0] === 0xfe && head[1] === 0xff ? 'UTF-16BE' : undefined;
}
