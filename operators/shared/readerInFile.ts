import { placeOf } from '../../src/base/origins.js';
import type { RecordReader } from '../../src/formats/framing/recordReader.js';
import { nameFile } from './nameFile.js';

/** Returns the error with the file of the current chunk, if that is known. */
type InFile = (error: unknown) => unknown;

/** Makes a reader whose errors name the file or FIFO of the current chunk. */
export function readerInFile<R>(createReader: (inFile: InFile) => RecordReader<R>): RecordReader<R> {
  let chunk: Uint8Array | undefined;
  const inFile: InFile = (error) => nameFile(error, chunk && placeOf(chunk)?.path);
  const reader = createReader(inFile);
  return {
    push: (next) => {
      chunk = next;
      reader.push(next);
    },
    read: () => {
      try {
        return reader.read();
      } catch (error) {
        throw inFile(error);
      }
    },
    end: () => {
      try {
        return reader.end();
      } catch (error) {
        throw inFile(error);
      }
    },
  };
}
