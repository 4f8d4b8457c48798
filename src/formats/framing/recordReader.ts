/**
 * Splits bytes into records. Readers are pure and synchronous. Cuts between chunks do not affect the records.
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
 * @typeParam R - a record, never `undefined`.
 */
export interface RecordReader<R = Uint8Array> {
  /** Takes the next chunk. Do not change it afterwards. The previous chunk must have been read completely. */
  push(chunk: Uint8Array): void;
  /**
   * Returns the next record, or `undefined` if the chunk has no further whole one.
   *
   * @throws FormatError at a bad record. Do not use the reader afterwards.
   */
  read(): R | undefined;
  /**
   * Ends the input. Returns a last record that only the end completes (a line without a newline).
   *
   * @throws FormatError if the bytes end inside a record.
   */
  end(): R | undefined;
}
