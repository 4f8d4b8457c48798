import fc from 'fast-check';
import { FormatError } from '../../../src/base/errors.js';
import type { FormatReader } from '../../../src/formats/framing/formatDefinition.js';
import type { RecordReader } from '../../../src/formats/framing/recordReader.js';

/** How reading ended: at the end of the input, or with an error at a position. */
export type Ending = 'end' | Pick<FormatError, 'kind' | 'byteOffset' | 'recordIndex'>;

/** The whole result of a reader. */
export interface Outcome<R> {
  readonly records: R[];
  readonly ending: Ending;
  readonly error: FormatError | undefined;
}

/** Reads chunks to the end, or to the first FormatError. Rethrows other errors. */
export function readAll<R>(reader: FormatReader<R>, chunks: Iterable<Uint8Array>): Outcome<R> {
  const records: R[] = [];
  try {
    const readOn = () => {
      for (let record = reader.read(); record !== undefined; record = reader.read()) records.push(record);
    };
    for (const chunk of chunks) {
      reader.push(chunk);
      readOn();
    }
    reader.finish?.();
    if (reader.finish) readOn();
    const last = reader.finish ? undefined : reader.end();
    if (last !== undefined) records.push(last);
    return { records, ending: 'end', error: undefined };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const { kind, byteOffset, recordIndex } = error;
    return { records, ending: { kind, byteOffset, recordIndex }, error };
  }
}

/** Cuts the input into chunks of one size. Each chunk has its own memory. */
export function inChunksOf(size: number, input: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < input.length; at += size) chunks.push(input.slice(at, at + size));
  return chunks;
}

/** Cuts an input into chunks in every way. Chunks may be empty. */
export function cuts(input: Uint8Array): fc.Arbitrary<Uint8Array[]> {
  return fc.array(fc.nat(input.length), { maxLength: 12 }).map((places) => {
    const edges = [0, ...places.toSorted((a, b) => a - b), input.length];
    return edges.slice(1).map((end, index) => input.slice(edges[index], end));
  });
}

/** Returns the parts of a result that do not depend on the memory of records. */
export function comparable<R>({ records, ending }: Outcome<R>): unknown {
  const plain = records.map((record) => (record instanceof Uint8Array ? Buffer.from(record).toString('hex') : record));
  return { records: plain, ending };
}

/** Asserts that an input is read alike for every cut: whole, in single bytes, and at random positions. */
export function expectSameForEveryCut<R>(createReader: () => RecordReader<R>, input: Uint8Array): void {
  const whole = comparable(readAll(createReader(), [input]));
  const cutOnce = (chunks: Uint8Array[]) => comparable(readAll(createReader(), chunks));
  if (input.length < 5000) expect(cutOnce(inChunksOf(1, input))).toEqual(whole);
  fc.assert(
    fc.property(cuts(input), (chunks) => {
      expect(cutOnce(chunks)).toEqual(whole);
    }),
    { numRuns: 50 },
  );
}

/**
 * Asserts that each prefix of a valid input yields its complete records. Inside a record, the prefix is truncated.
 *
 * @param frames - the frames of the records, which are the input.
 */
export function expectTruncationAnywhere(createReader: () => RecordReader, frames: readonly Uint8Array[]): void {
  const input = Buffer.concat(frames);
  let recordIndex = 0;
  let byteOffset = 0;
  for (let length = 0; length <= input.length; length++) {
    const frame = frames[recordIndex];
    if (frame !== undefined && length === byteOffset + frame.length) {
      byteOffset = length;
      recordIndex++;
    }
    const { records, ending } = readAll(createReader(), [new Uint8Array(input.subarray(0, length))]);
    expect(records).toHaveLength(recordIndex);
    expect(ending).toEqual(length === byteOffset ? 'end' : { kind: 'truncated', byteOffset, recordIndex });
  }
}
