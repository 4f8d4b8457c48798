import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { boundary } from '../src/demand/boundary.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { Queue } from '../src/base/queue.js';
import { requireBytes } from '../src/base/requireBytes.js';
import { Inflater } from '../src/formats/compression/inflater.js';
import { sniffCompression, type Compression } from '../src/formats/compression/sniffCompression.js';

/** What {@link decompress} takes its input for; `auto` finds out. */
export type DecompressFormat = Compression | 'auto';

const REMEDY = 'store the data uncompressed, or in several files that are read at a time';

const argumentsSchema = z.strictObject({ format: z.enum(['gzip', 'zlib', 'auto']) });

/**
 * Decompresses gzip or zlib, as TensorFlow's `compression_type` does.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord, decompress } from 'millrace/operators';
 *
 * const records$ = channel('train').pipe(decompress('gzip'), decodeTFRecord());
 * ```
 *
 * Chunks of bytes in, chunks of up to 64 KiB out, each in memory of its own. Several gzip members after each other (a
 * channel of several files) are decompressed as one, zeros after the last are padding, and no bytes at all are an empty
 * stream. `'auto'` decides by the first bytes, and holds back up to 64 of them. Data that is not compressed passes
 * unchanged. If the source fails before it can decide, it drops those bytes. The signature of zlib is weak, so name the
 * format if you know it.
 *
 * It is a boundary: it asks for a chunk when it has none, and decompresses no further than the next 64 KiB, on another
 * thread, when those are wanted. Order is kept. Memory: one compressed chunk, one decompressed, and zlib's window, however
 * much the input grows.
 *
 * Throws a ConfigError at the call for another format. Notifies a FormatError with an offset in the compressed bytes,
 * after what came before: `truncated` at the input's end, `malformed` or `checksum` where zlib had read to, behind which
 * the corrupt bytes lie (of the 64 KiB in which it shows, what is before it is lost too). Unsubscribing releases zlib at once.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1952
 */
export function decompress(format: DecompressFormat): OperatorFunction<Uint8Array, Uint8Array> {
  parseOptions('decompress', argumentsSchema, { format });
  const options = { name: `decompress('${format}')`, remedy: REMEDY, onDemand: true };
  return (source) =>
    boundary<Uint8Array, Uint8Array>(source, options, ({ destination, drain }) => {
      const chunks = new Queue<Uint8Array>();
      let found: Compression | 'plain' | undefined = format === 'auto' ? undefined : format;
      /** What came before it was known what it is. */
      let head: Uint8Array = new Uint8Array(0);
      let inflater: Inflater | undefined;
      let isEndDue = false;

      const sniff = (isWhole: boolean): void => {
        found = sniffCompression(head, isWhole);
        if (!found) return;
        if (head.length > 0) chunks.push(head);
        head = new Uint8Array(0);
      };

      const isIdle = (): boolean => inflater?.isIdle ?? true;

      const nextOutput = (): Uint8Array | undefined => {
        for (;;) {
          const output = inflater?.read();
          if (output || !isIdle()) return output;
          const chunk = chunks.shift();
          if (found === 'plain') return chunk;
          if (chunk && found) {
            inflater ??= new Inflater(found, drain);
            inflater.write(chunk);
          } else if (isEndDue) {
            isEndDue = false;
            inflater?.end();
          } else return undefined;
        }
      };

      return {
        receive: (chunk) => {
          requireBytes(options.name, chunk, { path: 'chunk' });
          if (chunk.length === 0) return;
          if (found) chunks.push(chunk);
          else {
            head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
            sniff(false);
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
          // After a failure the bytes may be too few to decide: a retry with more bytes may find another format.
          if (!found && how === 'completed') sniff(true);
          isEndDue = how === 'completed' && found !== 'plain';
        },
        clear: () => {
          inflater?.close();
          chunks.clear();
        },
      };
    });
}
