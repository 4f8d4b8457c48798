import * as zlib from 'node:zlib';
import { FormatError, type FormatErrorKind } from '../../base/errors.js';
import { placeOf, rememberOrigin } from '../../base/origins.js';
import { endOfLastMember } from './gzipMembers.js';
import { requireDecompressor } from './requireDecompressor.js';
import type { Compression } from './sniffCompression.js';

const OUTPUT_BYTES = 64 * 1024;

const BYTES_FOLLOW = 'expected the end of the input after the compressed data, found more bytes';

type Decompressor = zlib.Gunzip | zlib.Inflate | zlib.BrotliDecompress;

/** The types of Node 20 lack zstd. */
const { createZstdDecompress } = zlib as {
  readonly createZstdDecompress?: (options: zlib.ZlibOptions) => zlib.Inflate;
};

function mayBegin(format: Compression, byte: number | undefined): boolean {
  if (byte === undefined) return false;
  if (format === 'zstd') return byte === 0x28 || (byte & 0xf0) === 0x50;
  return format === 'gzip' && byte === 0x1f;
}

function createDecompressor(format: Compression, options: zlib.ZlibOptions): Decompressor {
  if (format === 'zstd' && createZstdDecompress) return createZstdDecompress(options);
  if (format === 'brotli') return zlib.createBrotliDecompress(options);
  return format === 'gzip' ? zlib.createGunzip(options) : zlib.createInflate(options);
}

/**
 * Decompresses gzip, zlib, zstd or brotli, one chunk at a time.
 *
 * Works on libuv's thread pool, and pauses while 64 KiB of output are unread, so memory does not depend on the
 * compression ratio. Concatenated gzip members and zstd frames are read as one stream. Zero bytes after a member are
 * padding.
 */
export class Inflater {
  readonly #format: Compression;
  /** Each zstd frame, and each gzip member after padding, needs a new stream. */
  #stream: Decompressor;
  #base = 0;
  /** The input of the next stream. This stream is opened when all output of the current stream was read. */
  #next: { readonly bytes: Uint8Array; readonly start: number } | undefined;
  readonly #onChange: () => void;
  #bytesIn = 0;
  #bytesOut = 0;
  #path: string | undefined;
  #chunk: Uint8Array | undefined;
  #isEnding = false;
  /** True if the compressed data ended before the input. */
  #isOver = false;
  #failure: FormatError | undefined;

  /** @param onChange - called when {@link read} may return a chunk, or {@link isIdle} has changed. */
  constructor(format: Compression, onChange: () => void) {
    requireDecompressor(format, 'cannot decompress the data');
    this.#format = format;
    this.#onChange = onChange;
    this.#stream = this.#open();
  }

  get isIdle(): boolean {
    return (
      this.#chunk === undefined && !this.#isEnding && !this.#failure && !this.#next && this.#stream.readableLength === 0
    );
  }

  /** Call it only while {@link isIdle}. */
  write(chunk: Uint8Array): void {
    const start = this.#bytesIn;
    this.#path ??= placeOf(chunk)?.path;
    this.#bytesIn += chunk.length;
    if (this.#isOver) this.#afterMember(chunk, start);
    else this.#feed(chunk, start);
  }

  /** Call it only while {@link isIdle}. */
  end(): void {
    if (this.#isOver) return;
    this.#isEnding = true;
    this.#stream.end();
  }

  /**
   * Returns `undefined` if no chunk is ready.
   *
   * @throws FormatError if the input is invalid. Earlier calls return the output before the error.
   */
  read(): Uint8Array | undefined {
    const chunk = this.#stream.read() as Buffer | null;
    if (!chunk) {
      if (this.#failure) throw this.#failure;
      if (this.#next) this.#begin(this.#next);
      return undefined;
    }
    const output = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    if (this.#path !== undefined) rememberOrigin(output, this.#path, this.#bytesOut);
    this.#bytesOut += output.length;
    return output;
  }

  /** May be called during decompression. */
  close(): void {
    this.#stream.destroy();
  }

  #open(): Decompressor {
    // With the smallest `readableHighWaterMark`, one output chunk fills the stream.
    const options = { chunkSize: OUTPUT_BYTES, readableHighWaterMark: 1 };
    const stream = createDecompressor(this.#format, options);
    const ifCurrent = (work: () => void) => () => {
      if (stream !== this.#stream) return;
      work();
      this.#onChange();
    };
    stream.on(
      'readable',
      ifCurrent(() => undefined),
    );
    stream.on(
      'end',
      ifCurrent(() => (this.#isEnding = false)),
    );
    stream.on('error', (error) => ifCurrent(() => (this.#failure = this.#failureOf(error)))());
    return stream;
  }

  #feed(chunk: Uint8Array, start: number): void {
    this.#chunk = chunk;
    this.#stream.write(chunk, (error) => {
      if (error) return;
      this.#chunk = undefined;
      const consumed = this.#base + this.#stream.bytesWritten;
      this.#isOver = consumed < this.#bytesIn;
      if (this.#isOver) this.#afterMember(chunk.subarray(consumed - start), consumed);
      this.#onChange();
    });
  }

  #begin({ bytes, start }: { readonly bytes: Uint8Array; readonly start: number }): void {
    this.#next = undefined;
    this.#isOver = false;
    this.#stream.destroy();
    this.#base = start;
    this.#stream = this.#open();
    this.#feed(bytes, start);
  }

  #afterMember(rest: Uint8Array, offset: number): void {
    const found = rest.findIndex((byte) => byte !== 0);
    if (found < 0) return;
    const bytes = rest.subarray(found);
    const start = offset + found;
    if (mayBegin(this.#format, bytes[0])) this.#next = { bytes, start };
    else this.#failure = this.#fault('malformed', BYTES_FOLLOW, start);
  }

  #failureOf(cause: NodeJS.ErrnoException): FormatError {
    if (cause.code === 'Z_BUF_ERROR') {
      return this.#fault('truncated', 'the input ends inside the compressed data', this.#bytesIn, cause);
    }
    const behind = this.#bytesBehind(cause);
    if (behind) return behind;
    const kind = /^incorrect (data|length) check$/.test(cause.message) ? 'checksum' : 'malformed';
    const message = `zlib reports "${cause.message}". The data may be damaged, already decompressed, or not ${this.#format}. If the data is not compressed, remove decompress(); if millrace decompressed the file by itself, set compression: 'none' in the options of recordsFromFiles or records`;
    return this.#fault(kind, message, this.#base + this.#stream.bytesWritten, cause);
  }

  /** zlib reads bytes after a gzip member as the header of a new member, and reports a bad header. */
  #bytesBehind(cause: Error): FormatError | undefined {
    if (this.#format !== 'gzip' || cause.message !== 'incorrect header check' || !this.#chunk) return undefined;
    const start = this.#bytesIn - this.#chunk.length;
    const end = endOfLastMember(this.#chunk);
    if (end !== undefined) return this.#fault('malformed', BYTES_FOLLOW, start + end, cause);
    const reached = this.#base + this.#stream.bytesWritten;
    if (reached === 0) return undefined;
    const where =
      this.#base === reached
        ? ''
        : '. The offset is approximate: the additional bytes may begin one byte earlier, or any number of bytes later';
    return this.#fault('malformed', BYTES_FOLLOW + where, reached, cause);
  }

  #fault(kind: FormatErrorKind, message: string, byteOffset: number, cause?: unknown): FormatError {
    return new FormatError(message, { kind, format: this.#format, byteOffset, recordIndex: 0, cause });
  }
}
