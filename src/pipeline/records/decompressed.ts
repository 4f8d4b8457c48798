import { catchError, type Observable } from 'rxjs';
import { decompress, decompressSniffed, rememberStoredBytes } from '../../../operators/decompress.js';
import { warn } from '../../base/warn.js';
import { compressionOfName } from '../../formats/compression/compressionOfName.js';
import { sniffCompression, sniffNamedBrotli, type Compression } from '../../formats/compression/sniffCompression.js';
import { holdHead } from '../../sources/holdHead.js';

/** The compression of files. */
export type FileCompression = Compression | 'auto' | 'none';

type Decompressor = (bytes$: Observable<Uint8Array>, name: string) => Observable<Uint8Array>;

/**
 * Returns a function that decompresses the files of one data set.
 *
 * @throws MillraceError `ERR_PLATFORM` if this Node.js version cannot decompress the format.
 */
export function decompressor(compression: FileCompression): Decompressor {
  if (compression === 'none') return (bytes$) => bytes$;
  if (compression !== 'auto') {
    const operator = decompress(compression);
    return (bytes$) => bytes$.pipe(operator);
  }
  const detect = detector();
  return (bytes$, name) => {
    const decompressed$ = detect(bytes$, name);
    rememberStoredBytes(decompressed$, bytes$);
    return decompressed$;
  };
}

function detector(): Decompressor {
  let hasWarned = false;
  // Set at the first compressed file. Later files go through `decompress` at once, so they are opened only once.
  let isLikely = false;
  const warnOnce = (name: string, named: Compression, found: Compression): void => {
    if (hasWarned) return;
    hasWarned = true;
    warn(
      'MILLRACE_COMPRESSION',
      `${name} has the extension of ${named}, but its content is ${found}. millrace reads the file as ${found}.`,
    );
  };
  return (bytes$, name) => {
    const named = compressionOfName(name);
    if (named !== undefined) {
      return bytes$.pipe(
        decompressSniffed(`decompress('${named}')`, (head, isWhole) => {
          const found = named === 'brotli' ? sniffNamedBrotli(head, isWhole) : sniffCompression(head, isWhole);
          if (found === 'plain') return named;
          if (found !== undefined && found !== named) warnOnce(name, named, found);
          return found;
        }),
      );
    }
    if (isLikely) return bytes$.pipe(decompress('auto'));
    return bytes$.pipe(
      throwIfCompressed(),
      catchError((error: unknown) => {
        if (!(error instanceof FoundCompression)) throw error;
        isLikely = true;
        return bytes$.pipe(decompress(error.compression));
      }),
    );
  };
}

/** An error that makes the caller read the bytes again, through a stage that decompresses. */
class FoundCompression extends Error {
  readonly compression: Compression;

  constructor(compression: Compression) {
    super(`The content is ${compression}.`);
    this.compression = compression;
  }
}

function throwIfCompressed() {
  return holdHead((head, isWhole) => {
    const found = sniffCompression(head, isWhole);
    if (found !== undefined && found !== 'plain') throw new FoundCompression(found);
    return found !== undefined;
  });
}
