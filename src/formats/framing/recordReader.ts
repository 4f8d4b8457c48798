/**
 * Splits bytes into records. Readers are synchronous and have no side effects. The records do not depend on the
 * division of the bytes into chunks. A record inside one chunk is a view, which keeps the chunk in memory. A record
 * that spans chunks is a copy. A reader stores only the current record.
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
 * @typeParam R - the type of a record. It must not include `undefined`.
 */
export interface RecordReader<R = Uint8Array> {
  /** Adds a chunk. Read the previous chunk completely first. Do not change the chunk afterwards. */
  push(chunk: Uint8Array): void;
  /**
   * Returns the next record, or `undefined` if the chunks contain no more complete records.
   *
   * @throws FormatError at a bad record. Do not use the reader afterwards.
   */
  read(): R | undefined;
  /**
   * Ends the input. Returns the last record if it is complete only because the input ends.
   *
   * @throws FormatError if the bytes end inside a record.
   */
  end(): R | undefined;
}
