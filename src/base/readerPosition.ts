import { z } from 'zod';

const count = z.int().nonnegative();

export const readerPositionSchema = z.strictObject({ byteOffset: count, recordIndex: count });

/** The start of a record in its file. */
export interface ReaderPosition {
  /** The offset of the record's first byte. A header belongs to its record. */
  readonly byteOffset: number;
  /** The number of records before it, including skipped ones. */
  readonly recordIndex: number;
}

export const FILE_START: ReaderPosition = { byteOffset: 0, recordIndex: 0 };
