import { crc32, constants, inflateRawSync, type ZlibOptions } from 'node:zlib';
import type { Compression } from '../../../src/formats/compression/sniffCompression.js';

/** The content of compressed bytes. */
export interface Inflated {
  readonly output: Buffer;
  readonly ending: 'end' | 'truncated' | 'checksum' | 'malformed';
}

type Fault = Exclude<Inflated['ending'], 'end'>;

const MAX_OUTPUT_BYTES = 1 << 24;
const GZIP_FIRST = 0x1f;

/** Reads the bytes before and after deflated data, as RFC 1950 and 1952 describe. */
class Input {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get rest(): Uint8Array {
    return this.#bytes.subarray(this.at);
  }

  take(count: number): Uint8Array {
    if (this.rest.length < count) throw fault('truncated');
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  takeText(): void {
    while (this.take(1)[0] !== 0);
  }
}

class Ended extends Error {
  readonly kind: Fault;

  constructor(kind: Fault) {
    super(kind);
    this.kind = kind;
  }
}

const fault = (kind: Fault): Ended => new Ended(kind);

/** Decompresses a whole input: gzip members with zeros after them, or one zlib stream. No bytes are an empty stream. */
export function inflateAll(bytes: Uint8Array, format: Compression): Inflated {
  const input = new Input(bytes);
  const outputs: Buffer[] = [];
  const done = (ending: Inflated['ending']) => ({ output: Buffer.concat(outputs), ending });
  try {
    while (input.rest.length > 0) {
      // Zeros after the data are padding. Only another gzip member may follow.
      if (input.at > 0) {
        const padding = input.rest.findIndex((byte) => byte !== 0);
        if (padding < 0) return done('end');
        input.take(padding);
        // zlib decides only after two bytes that follow a member directly.
        if (format === 'zlib' || (padding > 0 && input.rest[0] !== GZIP_FIRST)) return done('malformed');
      }
      if (format === 'gzip') readGzipHeader(input);
      else readZlibHeader(input);
      const output = inflateRaw(input, (partial) => outputs.push(partial));
      if (format === 'gzip') checkGzip(input, output);
      else if (bigEndian(input.take(4)) !== adler32(output)) throw fault('checksum');
    }
    return done('end');
  } catch (error) {
    if (error instanceof Ended) return done(error.kind);
    throw error;
  }
}

function inflateRaw(input: Input, give: (output: Buffer) => void): Buffer {
  const whole = attempt(input.rest, {});
  if (whole) {
    input.at += whole.consumed;
    give(whole.output);
    return whole.output;
  }
  const partial = attempt(input.rest, { finishFlush: constants.Z_SYNC_FLUSH });
  if (!partial) throw fault('malformed');
  give(partial.output);
  throw fault('truncated');
}

/** Returns `undefined` if zlib rejects the bytes. */
function attempt(bytes: Uint8Array, options: ZlibOptions): { output: Buffer; consumed: number } | undefined {
  try {
    const { buffer, engine } = inflateRawSync(bytes, {
      ...options,
      info: true,
      maxOutputLength: MAX_OUTPUT_BYTES,
    }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return { output: buffer, consumed: engine.bytesWritten };
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw error;
    return undefined;
  }
}

function readGzipHeader(input: Input): void {
  const { at, rest } = input;
  if (Buffer.compare(input.take(2), Uint8Array.of(GZIP_FIRST, 0x8b)) !== 0) throw fault('malformed');
  const [method, flags] = input.take(2) as unknown as [number, number];
  if (method !== 8 || (flags & 0xe0) !== 0) throw fault('malformed');
  input.take(6);
  if (flags & 4) {
    const [low, high] = input.take(2) as unknown as [number, number];
    input.take(low + 256 * high);
  }
  if (flags & 8) input.takeText();
  if (flags & 16) input.takeText();
  if (flags & 2) {
    const computed = crc32(rest.subarray(0, input.at - at)) & 0xffff;
    const [low, high] = input.take(2) as unknown as [number, number];
    if (low + 256 * high !== computed) throw fault('malformed');
  }
}

function readZlibHeader(input: Input): void {
  const [first, second] = input.take(2) as unknown as [number, number];
  if ((first * 256 + second) % 31 !== 0 || (first & 15) !== 8 || first >> 4 > 7) throw fault('malformed');
  if (!(second & 32)) return;
  input.take(4);
  throw fault('malformed');
}

function checkGzip(input: Input, output: Buffer): void {
  const little = (bytes: Uint8Array) => Buffer.from(bytes).readUInt32LE();
  if (little(input.take(4)) !== crc32(output)) throw fault('checksum');
  if (little(input.take(4)) !== output.length) throw fault('checksum');
}

function bigEndian(bytes: Uint8Array): number {
  return Buffer.from(bytes).readUInt32BE();
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}
