/**
 * Splits bytes into records. Readers are synchronous and have no side effects, and their records do not depend on the
 * division into chunks. A record inside one chunk is a view, which keeps the chunk in memory. A record that spans
 * chunks is a copy. A reader stores only the current record.
 *
 * ```ts
 * import { RecordIOReader } from 'millrace/formats';
 *
 * function count(chunks: Iterable<Uint8Array>): number {
 *   const reader = new RecordIOReader();
 *   let records = 0;
 *   for (const chunk of chunks) {
 *     reader.push(chunk);
 *     while (reader.read() !== undefined) records++;
 *   }
 *   reader.end();
 *   return records;
 * }
 * ```
 *
 * @typeParam R - a record, which cannot be `undefined`.
 */
export interface RecordReader<R = Uint8Array> {
  /** The previous chunk must have been read completely. Do not change the chunk afterwards. */
  push(chunk: Uint8Array): void;
  /**
   * Returns the next record, or `undefined` if no complete record is left.
   *
   * @throws FormatError at a bad record. Do not use the reader afterwards.
   */
  read(): R | undefined;
  /**
   * Returns the last record if only the end of the input completes it.
   *
   * @throws FormatError if the bytes end inside a record.
   */
  end(): R | undefined;
}
