/**
 * Splits bytes into records, synchronously. Chunk sizes do not change the records. A record inside one chunk is a view,
 * which keeps the chunk in memory. A record that spans chunks is a copy. A reader stores only the current record.
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
  /**
   * Adds a chunk, which must not change afterwards. Before the next chunk, call `read` until it returns `undefined`.
   */
  push(chunk: Uint8Array): void;
  /**
   * Returns the next record, or `undefined` if the remaining bytes are not a complete record.
   *
   * @throws FormatError at a bad record. Do not use the reader afterwards.
   */
  read(): R | undefined;
  /**
   * Ends the input. Returns the last record if the end of the input completes it, such as a line without a newline.
   * Otherwise, returns `undefined`.
   *
   * @throws FormatError if the input ends inside a record.
   */
  end(): R | undefined;
}
