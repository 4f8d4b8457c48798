import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { boundary } from '../src/demand/boundary.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { placeOf } from '../src/base/origins.js';
import { Queue } from '../src/base/queue.js';
import { requireBytes } from '../src/base/requireBytes.js';
import { Inflater } from '../src/formats/compression/inflater.js';
import { sniffCompression, type Compression } from '../src/formats/compression/sniffCompression.js';
import { readInFile } from './shared/nameFile.js';

/** `auto` detects the compression. */
export type DecompressFormat = Compression | 'auto';

const REMEDY = 'store the data uncompressed, or split the data into several files and read these at the same time';

const argumentsSchema = z.strictObject({ format: z.enum(['gzip', 'zlib', 'auto']) });

/**
 * Decompresses gzip or zlib, like TensorFlow's `compression_type`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord, decompress } from 'millrace/operators';
 *
 * const records$ = channel('train').pipe(decompress('gzip'), decodeTFRecord());
 * ```
 *
 * Emits chunks of up to 64 KiB, each in its own memory, on demand. They are decompressed on another thread.
 * Concatenated gzip members (a channel of several files) are one stream. Zeros after the last member are ignored. An
 * empty input produces an empty output. Memory: one compressed chunk, one decompressed chunk, and zlib's window.
 *
 * `'auto'` detects the format from at most the first 64 bytes, and drops these bytes if the source fails before the
 * decision. Data that is not compressed passes unchanged. Few bytes identify zlib, so name the format if you know it.
 *
 * Notifies a FormatError with an offset in the compressed bytes: the end of the input for `truncated`, zlib's position
 * before the corrupt bytes for `malformed` and `checksum`. The error follows all output before the 64 KiB block that
 * contains the corrupt bytes, and names the file or FIFO of the bytes.
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
      /** The first bytes, stored until the format is known. */
      let head: Uint8Array = new Uint8Array(0);
      let inflater: Inflater | undefined;
      let isEndDue = false;
      let path: string | undefined;

      const sniff = (isWhole: boolean): void => {
        found = sniffCompression(head, isWhole);
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
          // If the source fails, the bytes may be too few to detect the format.
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
