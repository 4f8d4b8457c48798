import type { Observable, OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { boundary } from '../src/demand/boundary.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { placeOf } from '../src/base/origins.js';
import { Queue } from '../src/base/queue.js';
import { requireBytes } from '../src/base/requireBytes.js';
import { Inflater } from '../src/formats/compression/inflater.js';
import { requireDecompressor } from '../src/formats/compression/requireDecompressor.js';
import { COMPRESSIONS, sniffCompression, type Compression } from '../src/formats/compression/sniffCompression.js';
import { readInFile } from './shared/nameFile.js';

/** The compression format. `auto` detects it. */
export type DecompressFormat = Compression | 'auto';

const REMEDY = 'store the data uncompressed, or split the data into several files and read these files in parallel';

const argumentsSchema = z.strictObject({ format: z.enum([...COMPRESSIONS, 'auto']) });

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
 * Emits chunks of up to 64 KiB on demand, each in its own memory. The data is decompressed on a separate thread.
 * Concatenated gzip members or zstd frames (a channel of several files) are one stream. Zeros after the compressed data
 * are ignored. An empty input produces an empty output. Memory: one compressed chunk, one decompressed chunk, and the
 * window: 32 KiB for gzip and zlib, up to 16 MiB for brotli, and up to 128 MiB for zstd.
 *
 * `'auto'` detects gzip, zlib and zstd from the first bytes, at most 512. If the source fails earlier, these bytes are
 * dropped. Uncompressed data passes unchanged. brotli cannot be detected. Other data can look like zlib, so name the
 * format if you know it.
 *
 * `recordsFromFiles` and `records` decompress files themselves. If their `recordFormat` begins with this operator, it
 * receives the bytes of the file as they are stored.
 *
 * Throws a MillraceError `ERR_PLATFORM` at the call for `'zstd'` if Node.js is older than 22.15 (in version 23: 23.8).
 * The Observable fails with this error if `'auto'` finds zstd.
 *
 * The Observable fails with a FormatError whose offset counts compressed bytes. For `truncated`, the offset is the end
 * of the input. For `malformed` and `checksum`, it is the first byte that does not belong to the data, or the
 * decompressor's position before the corrupt bytes. All output before the 64 KiB block with the corrupt bytes is
 * emitted first. The error names the file or FIFO of the bytes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1952
 */
export function decompress(format: DecompressFormat): OperatorFunction<Uint8Array, Uint8Array> {
  parseOptions('decompress', argumentsSchema, { format });
  const name = `decompress('${format}')`;
  if (format !== 'auto') requireDecompressor(format, name);
  const operator = decompressSniffed(name, format === 'auto' ? sniffCompression : () => format);
  return (source) => operator(storedBytes.get(source) ?? source);
}

/** Sources that decompress themselves, and their bytes as they are stored. */
const storedBytes = new WeakMap<Observable<Uint8Array>, Observable<Uint8Array>>();

/** If {@link decompress} is the first operator of `decompressed$`, it receives `stored$` instead. */
export function rememberStoredBytes(decompressed$: Observable<Uint8Array>, stored$: Observable<Uint8Array>): void {
  storedBytes.set(decompressed$, stored$);
}

/** Returns `undefined` for too few bytes. `isWhole` is true if no more bytes follow. */
export type Sniff = (head: Uint8Array, isWhole: boolean) => Compression | 'plain' | undefined;

/** @param name - of the stage, for reports and errors. */
export function decompressSniffed(name: string, sniff: Sniff): OperatorFunction<Uint8Array, Uint8Array> {
  const options = { name, remedy: REMEDY, onDemand: true };
  return (source) =>
    boundary<Uint8Array, Uint8Array>(source, options, ({ destination, drain }) => {
      const chunks = new Queue<Uint8Array>();
      let found: Compression | 'plain' | undefined;
      /** The first bytes, stored until the format is known. */
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
          // If the source fails, the bytes may be too few to detect the format.
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
