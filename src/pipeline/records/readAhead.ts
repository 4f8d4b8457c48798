import { concatMap, from, type Observable } from 'rxjs';
import { pullSource } from '../../demand/pullSource.js';
import { fileObject, fileStore } from '../../stores/fileStore.js';
import type { RecordFile } from './recordFile.js';

const BLOCK_FILES = 256;

/**
 * Reads local files like stored objects, so that the next files are read ahead. Gets the sizes of the files block by
 * block, because there may be millions of files.
 *
 * @param read - reads the files of a block. `offset` is the index of its first file.
 */
export function readAhead<R>(
  files: readonly RecordFile[],
  read: (block: readonly RecordFile[], offset: number) => Observable<R>,
): Observable<R> {
  const blockFiles = files.every(({ stored }) => stored) ? files.length : BLOCK_FILES;
  const offsets = Array.from({ length: Math.ceil(files.length / blockFiles) }, (_, block) => block * blockFiles);
  return from(offsets).pipe(
    concatMap((offset) =>
      measured(files.slice(offset, offset + blockFiles)).pipe(concatMap((block) => read(block, offset))),
    ),
  );
}

/** Emits the files as one array. */
function measured(files: readonly RecordFile[]): Observable<readonly RecordFile[]> {
  const store = fileStore();
  return pullSource((outlet) => {
    let isMeasured = false;
    const measure = async (file: RecordFile): Promise<RecordFile> => {
      // The reader of the file reports the error.
      const object = file.stored ? undefined : await fileObject(file.path).catch(() => undefined);
      return object ? { ...file, stored: { store, object } } : file;
    };
    const pull = (): void => {
      if (isMeasured) outlet.complete();
      else void Promise.all(files.map(measure)).then(outlet.deliver);
      isMeasured = true;
    };
    return { pull, close: () => undefined };
  }, 'sizes of files');
}
