import { encodeRecordIO, encodeRecordIOParts } from '../../../src/formats/recordio/encodeRecordIO.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { assertReadsAlike } from '../../formats/reference/assertReadsAlike.js';
import {
  drawMaxRecordBytes,
  RECORD_IO,
  TEXT_LINE,
  TF_RECORD,
  type FramedFormat,
} from '../../formats/reference/framedFormats.js';
import { maskedCrc } from '../../formats/reference/readTFRecords.js';
import { fixtureBytes } from '../../formats/support/fixtures.js';
import { drawCuts, type Draw } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { BOUNDARIES, littleEndian, replaced } from '../mutations.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const join = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const drawBytes = (draw: Draw, below: number): Uint8Array => Uint8Array.from({ length: draw(below) }, () => draw(256));
const MAGIC = Uint8Array.of(0x0a, 0x23, 0xd7, 0xce);

function framedTarget<R>(
  format: FramedFormat<R>,
  { weight, seeds, generate, mutate }: Pick<FuzzTarget, 'weight' | 'seeds' | 'generate' | 'mutate'>,
): FuzzTarget {
  return {
    name: format.name,
    weight,
    seeds,
    ...(generate && { generate }),
    ...(mutate && { mutate }),
    run: (input, draw) => {
      const all = format.rules(drawMaxRecordBytes(draw));
      const rules = all[draw(all.length)]!;
      const cuts = [[], drawCuts(input.length, draw)];
      assertReadsAlike(format, input, { rules, draw, cuts });
    },
  };
}

/** Returns the start of each frame. */
function frameStarts(input: Uint8Array, frameBytes: (view: DataView, start: number) => number): number[] {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const starts: number[] = [];
  for (let start = 0; start + 16 <= input.length; start += frameBytes(view, start)) starts.push(start);
  return starts;
}

function tfRecordStart(input: Uint8Array, draw: Draw): number {
  const starts = frameStarts(input, (view, start) => 16 + view.getUint32(start, true));
  return starts[draw(starts.length)] ?? 0;
}

/** Sets a length or other data with a correct checksum, which random changes would never find. */
function mutateTFRecord(input: Uint8Array, draw: Draw): Uint8Array {
  const start = tfRecordStart(input, draw);
  if (draw(2) === 0) return replaced(input, start, start, encodeTFRecord(drawBytes(draw, draw(8) === 0 ? 600 : 20)));
  const near = BigInt(Math.max(0, input.length - start - 16 + draw(5) - 2));
  const length = littleEndian(draw(3) === 0 ? near : BOUNDARIES[draw(BOUNDARIES.length)]!, 8);
  const header = join([length, littleEndian(BigInt(maskedCrc(length)), 4)]);
  return replaced(input, start, start + header.length, header);
}

function mutateRecordIO(input: Uint8Array, draw: Draw): Uint8Array {
  const starts = frameStarts(
    input,
    (view, start) => 8 + Math.ceil((view.getUint32(start + 4, true) % 2 ** 29) / 4) * 4,
  );
  const start = starts[draw(starts.length)] ?? 0;
  switch (draw(3)) {
    case 0:
      return replaced(input, start + 7, start + 8, Uint8Array.of(draw(8) << 5));
    case 1: {
      const word = (BigInt(draw(4)) << 29n) | (BOUNDARIES[draw(BOUNDARIES.length)]! % 2n ** 29n);
      return replaced(input, start + 4, start + 8, littleEndian(word, 4));
    }
    default: {
      const at = draw(input.length + 1);
      return replaced(input, at, at, MAGIC);
    }
  }
}

function generateRecordIO(draw: Draw): Uint8Array {
  const payload = () => join(Array.from({ length: draw(4) }, () => (draw(2) === 0 ? MAGIC : drawBytes(draw, 12))));
  const records = Array.from({ length: draw(6) }, () => {
    if (draw(3) === 0) return encodeRecordIOParts(Array.from({ length: 1 + draw(4) }, payload));
    return encodeRecordIO(payload(), { multipart: draw(2) === 0 ? 'dmlc' : 'concat' });
  });
  return join(records);
}

const LINE_PIECES = ['\n', '\r\n', '\r', 'a', ' ', '\u00e9', '\u20ac', '\ud83d\ude00', '\ufeff', '\0', 'line'].map(
  bytes,
);
const BAD_UTF8 = [[0xff], [0xc0, 0xaf], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]].map((each) => {
  return Uint8Array.from(each);
});

function generateLines(draw: Draw): Uint8Array {
  return join(Array.from({ length: draw(20) }, () => LINE_PIECES[draw(LINE_PIECES.length)]!));
}

function mutateLines(input: Uint8Array, draw: Draw): Uint8Array {
  const at = draw(input.length + 1);
  const pieces = draw(3) === 0 ? BAD_UTF8 : LINE_PIECES;
  return replaced(input, at, at, pieces[draw(pieces.length)]!);
}

const badFiles = ['length_flipped_in_record_4', 'cut_inside_the_footer_of_record_11'].map((name) => {
  return fixtureBytes(`tfrecord/bad/${name}.tfrecord`);
});

/** The readers of records and their operators, against references. */
export const framedTargets: readonly FuzzTarget[] = [
  framedTarget(TF_RECORD, {
    weight: 8,
    seeds: [fixtureBytes('tfrecord/small.tfrecord'), join([bytes(''), bytes('abc')].map(encodeTFRecord)), ...badFiles],
    generate: (draw) =>
      join(Array.from({ length: draw(6) }, () => encodeTFRecord(drawBytes(draw, draw(20) === 0 ? 600 : 30)))),
    mutate: mutateTFRecord,
  }),
  framedTarget(RECORD_IO, {
    weight: 6,
    seeds: [encodeRecordIO(bytes('abcde')), encodeRecordIOParts([bytes('abcd'), bytes('e'), bytes('')])],
    generate: generateRecordIO,
    mutate: mutateRecordIO,
  }),
  framedTarget(TEXT_LINE, {
    weight: 4,
    seeds: ['bom', 'lone_cr', 'nul', 'utf8', 'windows'].map((name) => fixtureBytes(`textline/${name}.txt`)),
    generate: generateLines,
    mutate: mutateLines,
  }),
];
