import type { Observable } from 'rxjs';
import type { Announcement, ByteMark } from '../../resume/cursor.js';
import type { InputPosition } from '../../resume/inputPosition.js';
import type { RangeWindowOptions } from '../../stores/rangeWindow.js';
import type { RecordFile } from './recordFile.js';
import type { RecordDecoder } from './recordFormat.js';

export interface FileTask {
  readonly file: RecordFile;
  readonly reading: RangeWindowOptions;
  /** Receives the positions at which a resumed epoch can start. */
  readonly input?: InputPosition | undefined;
  /** The position to start at. Default: the start of the file. */
  readonly mark?: ByteMark | undefined;
}

/** Reads the files of a format whose bytes are not read in order. */
export interface FileReader<R> {
  /** The options that determine the number of records. Part of each cursor. */
  readonly countFacts: Announcement;
  /** The options that determine the positions of records in files, or `undefined` if there are no such positions. */
  readonly seekFacts: Announcement | undefined;
  readonly read: (task: FileTask) => Observable<R>;
}

const readers = new WeakMap<object, FileReader<unknown>>();

/** Makes {@link fileRecords} read the files with `reader`, and not with the decoder. */
export function rememberFileReader<R>(decoder: RecordDecoder<R>, reader: FileReader<R>): void {
  readers.set(decoder, reader);
}

/** Returns `undefined` if the decoder reads the bytes of a file in order. */
export function fileReaderOf<R>(decoder: RecordDecoder<R>): FileReader<R> | undefined {
  return readers.get(decoder) as FileReader<R> | undefined;
}
