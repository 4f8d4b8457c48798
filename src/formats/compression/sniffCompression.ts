import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib';
import { sniffTFRecord } from '../framing/sniffRecords.js';

export const COMPRESSIONS = ['gzip', 'zlib', 'zstd', 'brotli'] as const;

export type Compression = (typeof COMPRESSIONS)[number];

/*
 *   gzip    1f 8b 08         magic, and the only method               https://www.rfc-editor.org/rfc/rfc1952
 *           flags < 0x20     three bits are reserved
 *   zlib    78 01|5e|9c|da   deflate with a window of 32 KiB, no preset   https://www.rfc-editor.org/rfc/rfc1950
 *                            dictionary, and a check that makes the pair
 *                            a multiple of 31
 *   zstd    28 b5 2f fd      a frame                                      https://www.rfc-editor.org/rfc/rfc8878
 *           5? 2a 4d 18      a skippable frame
 *   brotli  no magic                                                      https://www.rfc-editor.org/rfc/rfc7932
 */
const GZIP_MAGIC = [0x1f, 0x8b, 0x08] as const;
const GZIP_RESERVED_FLAGS = 0xe0;
const ZLIB_FIRST = 0x78;
const ZLIB_SECOND: readonly (number | undefined)[] = [0x01, 0x5e, 0x9c, 0xda];
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd] as const;
const ZSTD_SKIPPABLE = [0x50, 0x2a, 0x4d, 0x18] as const;

/** The maximum size of all magic bytes, and of a TFRecord header. */
const HEAD_BYTES = 12;

/** The size of a test. Data of a different format rarely decompresses to this size without an error. */
const TRIAL_BYTES = 512;
const UNFINISHED = { finishFlush: constants.Z_SYNC_FLUSH };

/**
 * Detects every compression except brotli, which has no magic bytes.
 *
 * Data with a valid TFRecord header is `plain`: a TFRecord file whose first record has 559,903 bytes also starts with
 * the magic bytes of gzip. zlib has only two magic bytes, so up to 512 bytes are decompressed.
 *
 * @param isWhole - true if no bytes follow `head`. If false and `head` is too short, the result is `undefined`.
 */
export function sniffCompression(head: Uint8Array, isWhole: boolean): Compression | 'plain' | undefined {
  const candidate = candidateOf(head);
  if (candidate === 'plain') return 'plain';
  if (!isWhole && head.length < (candidate === 'zlib' ? TRIAL_BYTES : HEAD_BYTES)) return undefined;
  if (candidate === undefined || sniffTFRecord(head)) return 'plain';
  return candidate !== 'zlib' || isInflatable(head.subarray(0, TRIAL_BYTES)) ? candidate : 'plain';
}

/**
 * Detects the compression of a file with a brotli extension. Brotli data that decompresses to 2,188 bytes may start
 * with the three magic bytes of gzip, so gzip needs a further test. zstd has four magic bytes and needs no further
 * test.
 */
export function sniffNamedBrotli(head: Uint8Array, isWhole: boolean): Compression | undefined {
  const found = sniffCompression(head, isWhole);
  if (found === 'plain') return 'brotli';
  if (found !== 'gzip') return found;
  if (!isWhole && head.length < TRIAL_BYTES) return undefined;
  // Short brotli data may also decompress as gzip, so a whole file is tested as brotli.
  const isBrotli = isWhole
    ? succeeds(() => brotliDecompressSync(head))
    : !succeeds(() => gunzipSync(head.subarray(0, TRIAL_BYTES), UNFINISHED));
  return isBrotli ? 'brotli' : found;
}

function candidateOf(head: Uint8Array): Compression | 'plain' | undefined {
  const [first, second, , flags = 0] = head;
  if (first === undefined) return undefined;
  if (first === ZLIB_FIRST) return head.length < 2 ? undefined : ZLIB_SECOND.includes(second) ? 'zlib' : 'plain';
  if (startsLike(head, GZIP_MAGIC)) {
    if (head.length < GZIP_MAGIC.length) return undefined;
    return (flags & GZIP_RESERVED_FLAGS) === 0 ? 'gzip' : 'plain';
  }
  const isZstd = startsLike(head, ZSTD_MAGIC) || startsLike(head, ZSTD_SKIPPABLE, 0xf0);
  if (isZstd) return head.length < ZSTD_MAGIC.length ? undefined : 'zstd';
  return 'plain';
}

function startsLike(head: Uint8Array, magic: readonly number[], mask = 0xff): boolean {
  const [first = 0] = head;
  return magic.every((byte, index) => {
    return index >= head.length || byte === (index === 0 ? first & mask : head[index]);
  });
}

function isInflatable(head: Uint8Array): boolean {
  return !head.every(isPrintable) && succeeds(() => inflateSync(head, UNFINISHED));
}

function succeeds(decompress: () => void): boolean {
  try {
    decompress();
    return true;
  } catch {
    return false;
  }
}

/** A text such as the formula `x^2` may begin like zlib data and decompress. */
function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
