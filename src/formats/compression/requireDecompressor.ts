import * as zlib from 'node:zlib';
import { MillraceError } from '../../base/errors.js';
import type { Compression } from './sniffCompression.js';

/** @throws MillraceError `ERR_PLATFORM` if this Node.js cannot decompress the format. */
export function requireDecompressor(format: Compression, what: string): void {
  if (format !== 'zstd' || 'createZstdDecompress' in zlib) return;
  throw new MillraceError(
    `${what}: zstd needs Node.js 22.15 or later (in version 23: 23.8 or later), found Node.js ${process.versions.node}. ` +
      'Update Node.js, or decompress the data first, for example with zstd -dc.',
    { code: 'ERR_PLATFORM' },
  );
}
