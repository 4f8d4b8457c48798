/**
 * Splits bytes into records. Readers are synchronous and have no side effects. The records do not depend on how the
 * bytes are divided into chunks.
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
 * @typeParam R - the type of a record, which cannot be `undefined`.
 */
export interface RecordReader<R = Uint8Array> {
  /** Accepts the next chunk. The previous chunk must have been read completely. Do not change the chunk afterwards. */
  push(chunk: Uint8Array): void;
  /**
   * Returns the next record, or `undefined` if the chunk contains no further complete record.
   *
   * @throws FormatError at a bad record. Do not use the reader afterwards.
   */
  read(): R | undefined;
  /**
   * Ends the input. Returns the last record if only the end of the input completes it, such as a line without a
   * newline.
   *
   * @throws FormatError if the bytes end inside a record.
   */
  end(): R | undefined;
}
