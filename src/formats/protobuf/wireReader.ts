import { FormatError, type FormatErrorKind } from '../../base/errors.js';
import { quote } from '../../base/showValue.js';
import { HINT_BYTES, lookOf } from '../framing/lookOf.js';

/*
 * A message is a run of fields, each a tag (a varint: field number << 3 | wire type) and a value:
 *
 *   wire type  value
 *   0          a varint: 7 bits a byte, lowest first, the 8th set on all but the last; at most 10 bytes
 *   1          8 bytes
 *   2          a length (a varint) and as many bytes: bytes, a message, or packed numbers
 *   3, 4       the start and the end of a group, with fields between
 *   5          4 bytes
 *
 * https://protobuf.dev/programming-guides/encoding/
 */
export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
export const START_GROUP = 3;
export const END_GROUP = 4;
export const FIXED32 = 5;

const MAX_GROUP_DEPTH = 100;

/** For fewer bytes, a loop is faster than `set`, because `set` needs a view. */
const SET_FROM_BYTES = 64;

/** Reads protobuf's wire format. `limit` is the end of the current message. */
export class WireReader {
  readonly format: string = 'Example';
  position = 0;
  /** The lower 32 bits of the last varint; `high` has the upper 32 bits. */
  low = 0;
  high = 0;
  feature: string | undefined;
  expected: string | undefined;

  #bytes: Uint8Array = new Uint8Array(0);
  #recordIndex = 0;

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  open(record: Uint8Array, recordIndex: number): void {
    this.#bytes = record;
    this.#recordIndex = recordIndex;
    this.position = 0;
  }

  varint(limit: number): void {
    const start = this.position;
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte(limit);
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.low = low;
        this.high = 0;
        return;
      }
    }
    this.#longVarint(low, limit, start);
  }

  tag(limit: number): number {
    const start = this.position;
    const byte = start < limit ? (this.#bytes[start] ?? 0) : 0;
    // Nearly all tags have one byte. The smallest valid tag is 8.
    if (byte >= 8 && byte < 0x80) {
      this.position = start + 1;
      return byte;
    }
    this.varint(limit);
    const tag = this.low >>> 0;
    if (this.high !== 0 || tag < 8)
      this.fail('malformed', 'expected a field, found a tag with an invalid field number', start);
    return tag;
  }

  /**
   * Reads a length, and returns the position after that many bytes. Throws a FormatError if this position is after
   * `limit`.
   */
  enter(limit: number): number {
    const start = this.position;
    const length = this.#length(limit);
    const end = this.position + length;
    if (end > limit) this.#overrun(`a length of ${length} bytes`, limit, start);
    return end;
  }

  advance(byteCount: number, limit: number): number {
    const end = this.position + byteCount;
    if (end > limit) this.#overrun(`a field of ${byteCount} bytes`, limit, this.position);
    this.position = end;
    return end;
  }

  skip(tag: number, limit: number, depth = 0): void {
    const wireType = tag & 7;
    if (wireType === VARINT) this.varint(limit);
    else if (wireType === FIXED64) this.advance(8, limit);
    else if (wireType === LENGTH_DELIMITED) this.position = this.enter(limit);
    else if (wireType === FIXED32) this.advance(4, limit);
    else if (wireType === START_GROUP && depth < MAX_GROUP_DEPTH) this.#skipGroup(tag, limit, depth);
    else this.fail('malformed', `field ${tag >>> 3} has wire type ${wireType}, which is not valid here`);
  }

  copy(end: number, target: Uint8Array, at: number): void {
    if (end - this.position >= SET_FROM_BYTES) {
      // `take` would read the property `buffer`, which is slow.
      target.set(this.#bytes.subarray(this.position, end), at);
      this.position = end;
      return;
    }
    const bytes = this.#bytes;
    for (let from = this.position, to = at; from < end; from++, to++) target[to] = bytes[from] ?? 0;
    this.position = end;
  }

  take(end: number): Uint8Array {
    const bytes = this.#bytes;
    const view = new Uint8Array(bytes.buffer, bytes.byteOffset + this.position, end - this.position);
    this.position = end;
    return view;
  }

  fail(kind: FormatErrorKind, message: string, byteOffset = this.position): never {
    const subject = this.feature === undefined ? '' : `${this.subjectOf(this.feature)}: `;
    const doubt = this.feature === undefined ? this.doubt() : '';
    const recordIndex = this.#recordIndex;
    throw new FormatError(subject + message + doubt, { kind, format: this.format, byteOffset, recordIndex });
  }

  protected subjectOf(feature: string): string {
    return `feature ${quote(feature)}`;
  }

  /** Returns a text to append to an error message: that the record may be of a different type. */
  doubt(): string {
    if (this.expected === undefined) return '';
    const look = lookOf(this.#bytes.subarray(0, HINT_BYTES));
    return `: the record may not be a ${this.expected}${look ? `; the bytes look like ${look.name}` : ''}`;
  }

  #longVarint(low: number, limit: number, start: number): void {
    // The fifth byte contains the last 4 bits of the lower half and the first 3 bits of the upper half.
    let byte = this.#byte(limit);
    this.low = low | ((byte & 0x7f) << 28);
    this.high = (byte & 0x7f) >> 4;
    for (let shift = 3; byte >= 0x80; shift += 7) {
      if (shift > 31) this.fail('malformed', 'a varint is longer than ten bytes', start);
      byte = this.#byte(limit);
      this.high |= (byte & 0x7f) << shift;
    }
  }

  /** Has a fast path for lengths of one or two bytes, because longer lengths are rare. */
  #length(limit: number): number {
    const start = this.position;
    if (start + 2 <= limit) {
      const first = this.#bytes[start] ?? 0;
      const second = this.#bytes[start + 1] ?? 0;
      if (first < 0x80) {
        this.position = start + 1;
        return first;
      }
      if (second < 0x80) {
        this.position = start + 2;
        return (first & 0x7f) | (second << 7);
      }
    }
    this.varint(limit);
    return (this.high >>> 0) * 2 ** 32 + (this.low >>> 0);
  }

  #byte(limit: number): number {
    if (this.position >= limit) this.#overrun('a number', limit, this.position);
    return this.#bytes[this.position++] ?? 0;
  }

  #skipGroup(startTag: number, limit: number, depth: number): void {
    const endTag = startTag - START_GROUP + END_GROUP;
    for (let tag = this.tag(limit); tag !== endTag; tag = this.tag(limit)) this.skip(tag, limit, depth + 1);
  }

  #overrun(what: string, limit: number, byteOffset: number): never {
    if (limit < this.#bytes.length) this.fail('malformed', `${what} extends beyond the end of its message`, byteOffset);
    this.fail('truncated', `${what} extends beyond the end of the record (${limit} bytes)`, byteOffset);
  }
}
