import type { Observable, OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { boundary } from '../src/demand/boundary.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { placeOf } from '../src/base/origins.js';
import { Queue } from '../src/base/queue.js';
import { requireBytes } from '../src/base/requireBytes.js';
import { Inflater } from '../src/formats/compression/inflater.js';
import { requireDecompressor } from '../src/formats/compression/requireDecompressor.js';
import { COMPRESSIONS, sniffCompression, type Compression } from '../src/formats/compression/sniffCompression.js';
import { readInFile } from './shared/nameFile.js';

/** A compression format, or `auto` to detect it. */
export type DecompressFormat = Compression | 'auto';

const REMEDY = 'store the data uncompressed, or split the data into several files and read these files in parallel';

const argumentsSchema = lazy(() => z.strictObject({ format: z.enum([...COMPRESSIONS, 'auto']) }));

/**
 * Decompresses gzip, zlib, zstd or brotli, like TensorFlow's `compression_type`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord, decompress } from 'millrace/operators';
 *
 * const records$ = channel('train').pipe(decompress('gzip'), decodeTFRecord());
 * ```
 *
 * Works on a separate thread. Emits chunks of up to 64 KiB on demand. Reads concatenated gzip members or zstd frames as
 * one stream, because a channel joins files. Ignores zero bytes after the compressed data. Memory: one compressed
 * chunk, one decompressed chunk, and the window: 32 KiB for gzip and zlib, up to 16 MiB for brotli and 128 MiB for
 * zstd.
 *
 * `'auto'` detects gzip, zlib and zstd, but not brotli, from at most the first 512 bytes. Other data is emitted
 * unchanged. Uncompressed data can begin like zlib data, so pass the format if you know it. If the source fails before
 * the detection, the first bytes are dropped.
 *
 * `recordsFromFiles` and `records` decompress files without this operator.
 *
 * zstd needs Node.js 22.15 or later (in version 23: 23.8). In older versions, the call throws a MillraceError
 * `ERR_PLATFORM`. With `'auto'`, the Observable fails with this error for zstd data.
 *
 * Fails with a FormatError if the data is bad. Its `byteOffset` counts compressed bytes. For `truncated`, `byteOffset`
 * is the end of the input. For `malformed` and `checksum`, `byteOffset` is before the damaged bytes, or at the start of
 * other data after the compressed data. The output is emitted before the error, but up to 64 KiB at its end can be
 * missing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1952
 */
export function decompress(format: DecompressFormat): OperatorFunction<Uint8Array, Uint8Array> {
  parseOptions('decompress', argumentsSchema(), { format });
  const name = `decompress('${format}')`;
  if (format !== 'auto') requireDecompressor(format, name);
  const operator = decompressSniffed(name, format === 'auto' ? sniffCompression : () => format);
  return (source) => operator(storedBytes.get(source) ?? source);
}

/** For each decompressing source, the source of its stored bytes. */
const storedBytes = new WeakMap<Observable<Uint8Array>, Observable<Uint8Array>>();

/** Makes {@link decompress} read `stored$` in place of `decompressed$`, so that bytes are decompressed only once. */
export function rememberStoredBytes(decompressed$: Observable<Uint8Array>, stored$: Observable<Uint8Array>): void {
  storedBytes.set(decompressed$, stored$);
}

/** A function like `sniffCompression`. */
export type Sniff = (head: Uint8Array, isWhole: boolean) => Compression | 'plain' | undefined;

/** {@link decompress} in the format that `sniff` detects. */
export function decompressSniffed(name: string, sniff: Sniff): OperatorFunction<Uint8Array, Uint8Array> {
  const options = { name, remedy: REMEDY, onDemand: true };
  return (source) =>
    boundary<Uint8Array, Uint8Array>(source, options, ({ destination, drain }) => {
      const chunks = new Queue<Uint8Array>();
      let found: Compression | 'plain' | undefined;
      let head: Uint8Array = new Uint8Array(0);
      let inflater: Inflater | undefined;
      let isEndDue = false;
      let path: string | undefined;

      const decide = (isWhole: boolean): void => {
        found = sniff(head, isWhole);
        if (!found) return;
        if (head.length > 0) chunks.push(head);
        head = new Uint8Array(0);
      };

      const isIdle = (): boolean => inflater?.isIdle ?? true;

      const nextOutput = (): Uint8Array | undefined => {
        for (;;) {
          const output = readInFile(path, () => inflater?.read());
          if (output || !isIdle()) return output;
          const chunk = chunks.shift();
          if (found === 'plain') return chunk;
          if (chunk && found) (inflater ??= new Inflater(found, drain)).write(chunk);
          else if (isEndDue) {
            isEndDue = false;
            inflater?.end();
          } else return undefined;
        }
      };

      return {
        receive: (chunk) => {
          requireBytes(options.name, chunk, { path: 'chunk' });
          if (chunk.length === 0) return;
          path ??= placeOf(chunk)?.path;
          if (found) chunks.push(chunk);
          else {
            head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
            decide(false);
          }
        },
        hasRoom: () => chunks.length === 0 && isIdle(),
        emit: () => {
          const output = nextOutput();
          if (output) destination.next(output);
          return output !== undefined;
        },
        isEmpty: () => chunks.length === 0 && isIdle() && !isEndDue,
        sourceEnded: (how) => {
          // The bytes before a failure may be too few to detect the format.
          if (!found && how === 'completed') decide(true);
          isEndDue = how === 'completed' && found !== 'plain';
        },
        clear: () => {
          inflater?.close();
          chunks.clear();
        },
      };
    });
}
