import { constants, inflateSync } from 'node:zlib';

/** The compression format of bytes. */
export type Compression = 'gzip' | 'zlib';

/*
 *   gzip  1f 8b 08         magic, and the only method there is          https://www.rfc-editor.org/rfc/rfc1952
 *   zlib  78 01|5e|9c|da   deflate with a window of 32 KiB, no preset   https://www.rfc-editor.org/rfc/rfc1950
 *                          dictionary, and a check that makes the pair
 *                          a multiple of 31
 */
const GZIP_MAGIC = [0x1f, 0x8b, 0x08] as const;
const ZLIB_FIRST = 0x78;
const ZLIB_SECOND: readonly (number | undefined)[] = [0x01, 0x5e, 0x9c, 0xda];

/** Enough bytes for the header and the first codes of zlib's first block. */
const TRIAL_BYTES = 64;

/**
 * Two bytes do not identify zlib: a TFRecord file may begin with them if its first record has 376 bytes. So up to 64
 * bytes are decompressed as a test.
 *
 * @param isWhole - false if more bytes follow. The result is then `undefined` for too few bytes.
 */
export function sniffCompression(head: Uint8Array, isWhole: boolean): Compression | 'plain' | undefined {
  const needed = GZIP_MAGIC.findIndex((byte, index) => head[index] !== byte);
  if (needed === -1) return 'gzip';
  if (needed === head.length && !isWhole) return undefined;
  if (head[0] !== ZLIB_FIRST) return 'plain';
  if (head.length < TRIAL_BYTES && !isWhole && (head.length < 2 || ZLIB_SECOND.includes(head[1]))) return undefined;
  return ZLIB_SECOND.includes(head[1]) && isInflatable(head.subarray(0, TRIAL_BYTES)) ? 'zlib' : 'plain';
}

function isInflatable(head: Uint8Array): boolean {
  try {
    inflateSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
    return true;
  } catch {
    return false;
  }
}
