import * as zlib from 'node:zlib';
import type * as hyparquet from 'hyparquet';
import { ConfigError } from '../../base/errors.js';
import type { ColumnChunk } from '../../formats/parquet/decodeColumn.js';
import { parquetFault } from '../../formats/parquet/parquetFault.js';
import { readVarint } from '../../formats/parquet/pageBytes.js';

const INSTALL = 'npm install hyparquet hyparquet-compressors';

/** @throws ConfigError if hyparquet is not installed. It is an optional peer dependency, and so are its compressors. */
export async function loadHyparquet(): Promise<typeof hyparquet> {
  return import('hyparquet').catch(notInstalled('fromParquet needs the package hyparquet'));
}

type Decompress = ColumnChunk['decompress'];

/** The codecs of Node.js are faster than hyparquet-compressors. zstd needs Node.js 22.15. */
const NATIVE: Readonly<Record<string, Decompress | undefined>> = {
  UNCOMPRESSED: (bytes) => bytes,
  GZIP: (bytes, maxOutputLength) => zlib.gunzipSync(bytes, { maxOutputLength }),
  BROTLI: (bytes, maxOutputLength) => zlib.brotliDecompressSync(bytes, { maxOutputLength }),
  ...('zstdDecompressSync' in zlib && { ZSTD: zlib.zstdDecompressSync as (bytes: Uint8Array) => Uint8Array }),
};

/** @throws FormatError if the codec is unknown. */
export async function decompressorOf(codec: hyparquet.CompressionCodec | undefined): Promise<Decompress> {
  const native = NATIVE[codec ?? ''];
  if (native) return native;
  const missing = `fromParquet: the compression ${codec} needs the package hyparquet-compressors`;
  const { compressors } = await import('hyparquet-compressors').catch(notInstalled(missing));
  const decompress = codec && compressors[codec];
  if (!decompress)
    throw parquetFault(
      `the compression ${codec} is not supported: write the file with Snappy, zstd, gzip, brotli or LZ4`,
    );
  if (codec !== 'SNAPPY') return decompress;
  return (bytes, byteLength) => {
    // If the length differed from `byteLength`, the decompressor would return bytes of an earlier page.
    const length = readVarint({ bytes, at: 0 });
    if (length === byteLength) return decompress(bytes, byteLength);
    throw parquetFault(`expected a page of ${byteLength} bytes, but the Snappy data has ${length} bytes`);
  };
}

function notInstalled(message: string): (cause: unknown) => never {
  return (cause) => {
    throw new ConfigError(`${message}: ${INSTALL}`, { path: '', cause });
  };
}
