import { z } from 'zod';
import { lazy } from './lazy.js';

const count = lazy(() => z.int().nonnegative());

export const readerPositionSchema = lazy(() => z.strictObject({ byteOffset: count(), recordIndex: count() }));

/** The position of a record in its file. */
export interface ReaderPosition {
  /** The byte offset of the record, including its header. */
  readonly byteOffset: number;
  /** The number of earlier records in the file, including skipped records. */
  readonly recordIndex: number;
}

export const FILE_START: ReaderPosition = { byteOffset: 0, recordIndex: 0 };
