/**
 * What every reader of a record format is: a splitter of bytes into records, pure, synchronous and indifferent to
 * where its input is cut into chunks.
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
  /**
   * Takes the next chunk, which must not be changed afterwards. The chunk before must have been read to its end.
   */
  push(chunk: Uint8Array): void;
  /**
   * The next record, or `undefined` when the chunk holds no further whole one.
   *
   * @throws FormatError at a bad record; the reader is of no use afterwards.
   */
  read(): R | undefined;
  /**
   * Says that no chunk follows. A last record that only the end completes (a line without a newline) is returned.
   *
   * @throws FormatError when the bytes end inside a record.
   */
  end(): R | undefined;
}
