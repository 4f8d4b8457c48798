import { createRequire } from 'node:module';
import { requireBytes } from '../../base/requireBytes.js';
import { crc32cByTable, crc32cOfEightBytes } from './crc32cByTable.js';

type Crc32c = (bytes: Uint8Array) => number;

/** For fewer bytes, the table is faster than the native library. */
const NATIVE_FROM_BYTES = 640;

let native: Crc32c | 'missing' | undefined;

/** Returns `undefined` if the library is missing. Loads it at the first call, which takes several ms. */
export function crc32cNative(): Crc32c | undefined {
  native ??= loadNative() ?? 'missing';
  return native === 'missing' ? undefined : native;
}

function loadNative(): Crc32c | undefined {
  try {
    return (createRequire(import.meta.url)('@node-rs/crc32') as { readonly crc32c: Crc32c }).crc32c;
  } catch {
    // Optional, because the library has no build for some platforms.
    return undefined;
  }
}

/**
 * Computes the CRC-32C (Castagnoli) of the bytes from `start` to `end` (exclusive), as an unsigned 32-bit number.
 *
 * Uses the optional package `@node-rs/crc32`, if installed, for inputs of 640 bytes or more.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4 for test values.
 */
export function crc32c(bytes: Uint8Array, start = 0, end?: number): number {
  requireBytes('crc32c', bytes);
  return crc32cOfView(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), start, end ?? bytes.length) >>> 0;
}

/** Returns the CRC in the form that TFRecord stores: rotated, plus a constant. The result is signed. */
export function maskedCrc32c(view: DataView, start: number, end: number): number {
  return masked(crc32cOfView(view, start, end));
}

export function maskedCrc32cOfEightBytes(view: DataView, start: number): number {
  return masked(crc32cOfEightBytes(view, start));
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) | 0;
}

export function unmasked(stored: number): number {
  const rotated = stored - 0xa282ead8;
  return (rotated >>> 17) | (rotated << 15);
}

function crc32cOfView(view: DataView, start: number, end: number): number {
  const compute = end - start < NATIVE_FROM_BYTES ? undefined : crc32cNative();
  if (compute === undefined) return crc32cByTable(view, start, end);
  return compute(new Uint8Array(view.buffer, view.byteOffset + start, end - start));
}
