import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { parseOptions, requireOptions } from '../../base/parseOptions.js';
import { ConfigError } from '../../base/errors.js';
import { requireBytes } from '../../base/requireBytes.js';
import {
  FIRST,
  PART_HEADER_BYTES,
  LAST,
  LENGTH_BITS,
  MAGIC,
  MAX_PART_BYTES,
  MIDDLE,
  padded,
  WHOLE,
} from './recordIOLayout.js';
import { multipartSchema, type RecordIOMultipart } from './recordIOOptions.js';

const optionsSchema = lazy(() => z.strictObject({ multipart: multipartSchema().optional() }));

/**
 * Frames one record as RecordIO.
 *
 * With `multipart: 'concat'` (default), the payload is one part. With `'dmlc'`, it is split at each magic word whose
 * offset is a multiple of four, as in dmlc-core. So dmlc-core's readers can find the next record after damaged bytes.
 *
 * @throws ConfigError if an argument is invalid, or the payload is longer than 2^29 - 1 bytes.
 */
export function encodeRecordIO(payload: Uint8Array, options?: { readonly multipart?: RecordIOMultipart }): Uint8Array {
  const splits = options !== undefined && multipartOf(options) === 'dmlc';
  checkPart('encodeRecordIO', payload, 'payload');
  return encodeRecordIOParts(splits ? splitAtMagicWords(payload) : [payload]);
}

function multipartOf(options: object): RecordIOMultipart | undefined {
  requireOptions('encodeRecordIO', options, "{ multipart: 'dmlc' }");
  return parseOptions('encodeRecordIO', optionsSchema(), options).multipart;
}

/**
 * Frames one record as RecordIO, with one frame for each part.
 *
 * @throws ConfigError like {@link encodeRecordIO}, or if `parts` is empty.
 */
export function encodeRecordIOParts(parts: readonly Uint8Array[]): Uint8Array {
  const given: unknown = parts;
  if (!Array.isArray(given) || given.length === 0) {
    throw new ConfigError('encodeRecordIOParts: expected an array of at least one part', { path: 'parts' });
  }
  for (const [index, part] of parts.entries()) checkPart('encodeRecordIOParts', part, `parts[${index}]`);
  const bytes = parts.reduce((sum, part) => sum + PART_HEADER_BYTES + padded(part.length), 0);
  const frames = Buffer.from(new ArrayBuffer(bytes));
  let at = 0;
  for (const [index, part] of parts.entries()) {
    frames.writeUInt32LE(MAGIC, at);
    frames.writeUInt32LE(((cflagOf(index, parts.length) << LENGTH_BITS) | part.length) >>> 0, at + 4);
    frames.set(part, at + PART_HEADER_BYTES);
    at += PART_HEADER_BYTES + padded(part.length);
  }
  return new Uint8Array(frames.buffer);
}

function checkPart(what: string, part: Uint8Array, path: string): void {
  requireBytes(what, part, { path });
  if (part.length <= MAX_PART_BYTES) return;
  throw new ConfigError(
    `${what}: ${path} has ${part.length} bytes, but a RecordIO part has at most ${MAX_PART_BYTES}`,
    { path },
  );
}

function cflagOf(index: number, count: number): number {
  if (count === 1) return WHOLE;
  if (index === 0) return FIRST;
  return index === count - 1 ? LAST : MIDDLE;
}

function splitAtMagicWords(payload: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const parts: Uint8Array[] = [];
  let start = 0;
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    if (bytes.readUInt32LE(at) !== MAGIC) continue;
    parts.push(bytes.subarray(start, at));
    start = at + 4;
  }
  return [...parts, bytes.subarray(start)];
}
