/** A record as a range of the memory of its chunk. */
export interface RecordSpan {
  memory: ArrayBufferLike;
  byteOffset: number;
  length: number;
}
