import { FormatError } from '../../src/base/errors.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { TFRecordReader } from '../../src/formats/tfrecord/tfRecordReader.js';
import { mutated } from '../fuzz/mutations.js';
import { drawCuts, type Draw } from '../support/poisonedChunks.js';
import type { Input, Kind } from './trial.js';

const INPUTS = 16;

function drawFile(draw: Draw): Uint8Array {
  const records = Array.from({ length: draw(6) }, () =>
    encodeTFRecord(Uint8Array.from({ length: draw(draw(8) === 0 ? 300 : 40) }, () => draw(256))),
  );
  const file = new Uint8Array(Buffer.concat(records));
  switch (draw(3)) {
    case 0:
      return file;
    case 1:
      return file.subarray(0, draw(file.length + 1));
    default:
      return mutated(file, { draw, other: file, mutate: undefined });
  }
}

/** Reads a file in pieces. Returns the records in hexadecimal, their number, and the ending. */
function readFile(file: Uint8Array, cuts: readonly number[]): { readonly text: string; readonly error?: FormatError } {
  const records: string[] = [];
  const reader = new TFRecordReader();
  const text = (ending: string): string => `${records.join()} ${records.length} ${ending}`;
  try {
    for (const [index, start] of [0, ...cuts].entries()) {
      reader.push(file.subarray(start, cuts[index] ?? file.length));
      for (let record = reader.read(); record; record = reader.read())
        records.push(Buffer.from(record).toString('hex'));
    }
    reader.end();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { text: text('error'), error };
  }
  return { text: text('end') };
}

/** The length and its checksum. */
const HEADER_BYTES = 12;

/** TensorFlow ignores an incomplete header at the end of a file. */
function endsInHeader(file: Uint8Array): boolean {
  const { error } = readFile(file, []);
  return error?.kind === 'truncated' && file.length - error.byteOffset < HEADER_BYTES;
}

/** `tf.compat.v1.io.tf_record_iterator`, TensorFlow's own reader. */
export const tfRecordKind: Kind = {
  draw: (draw) => {
    const files = Array.from({ length: INPUTS }, (): Input => [drawFile(draw)]);
    return {
      question: { op: 'readTFRecords' },
      inputs: files,
      read: ([file]) => readFile(file!, drawCuts(file!.length, draw)).text,
    };
  },
  nameDifference: ({ input: [file], ours, theirs }) =>
    endsInHeader(file!) && ours.replace(/error$/, 'end') === theirs ? 'cut inside a header: an error here' : undefined,
};
