import { encodeRecordIO, encodeRecordIOParts } from '../../src/formats/recordio/encodeRecordIO.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { seededRandom } from '../../src/base/seededRandom.js';
import { assertReadsAlike } from './reference/assertReadsAlike.js';
import { RECORD_IO, TEXT_LINE, TF_RECORD, type FramedFormat } from './reference/framedFormats.js';
import { drawCuts, type Draw } from '../support/poisonedChunks.js';
import { fixtureBytes } from './support/fixtures.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const RECORD_IO_FILE = join(
  encodeRecordIO(bytes('abc')),
  encodeRecordIOParts([bytes('d'), bytes('efgh'), bytes('')]),
  encodeRecordIO(bytes('')),
  encodeRecordIO(join(bytes('1234'), Uint8Array.of(0x0a, 0x23, 0xd7, 0xce), bytes('5')), { multipart: 'dmlc' }),
  encodeRecordIO(bytes('last one')),
);
const LINES = bytes('one\r\n\n\rtwo\r\r\n\u00e9\u20ac\ud83d\ude00\r\n  \nno end\r');

type Check = (input: Uint8Array, limit?: number, cuts?: Iterable<readonly number[]>) => void;

/** Returns a file of a format, and checks that all readers find what the reference finds. */
function fileOf<R>(format: FramedFormat<R>, name: string, file: Uint8Array) {
  const check: Check = (input, limit = 1 << 20, cuts?) => {
    const draw = seededRandom(input.length, limit);
    for (const rules of format.rules(limit)) {
      assertReadsAlike(format, input, { rules, draw, cuts: cuts ?? someCuts(input.length, draw) });
    }
  };
  return { name, file, check };
}

function someCuts(length: number, draw: Draw): (readonly number[])[] {
  return [[], drawCuts(length, draw), drawCuts(length, draw)];
}

function* singleCuts(length: number): Generator<readonly number[]> {
  for (let at = 0; at <= length; at++) yield [at];
}

function* pairsOfCuts(length: number): Generator<readonly number[]> {
  for (let first = 0; first <= length; first++) {
    for (let second = first; second <= length; second++) yield [first, second];
  }
}

const FILES = [
  fileOf(TF_RECORD, 'TFRecord', fixtureBytes('tfrecord/small.tfrecord')),
  fileOf(TF_RECORD, 'short TFRecord', join(...['', 'a', 'bcd'].map((text) => encodeTFRecord(bytes(text))))),
  fileOf(RECORD_IO, 'RecordIO', RECORD_IO_FILE),
  fileOf(TEXT_LINE, 'TextLine', LINES),
];

describe.each(FILES)('the readers of $name', ({ file, check }) => {
  it('read every beginning of a file as the records that it holds and the right end', () => {
    for (let length = 0; length <= file.length; length++) check(file.slice(0, length));
  });

  it('return the same for every cut into two, into three if it is short, and into single bytes', () => {
    check(file, undefined, singleCuts(file.length));
    if (file.length < 100) check(file, undefined, pairsOfCuts(file.length));
    check(file, undefined, [Array.from(file.keys())]);
  });

  it('return the same for every cut if records are over the limit', () => {
    for (let limit = 1; limit < 20; limit++) check(file, limit, singleCuts(file.length));
  });

  it('read it alike whichever single bit is flipped', () => {
    for (let bit = 0; bit < 8 * file.length; bit++) {
      const changed = file.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      check(changed);
    }
  });

  it('read it alike whichever byte is left out, or comes twice', () => {
    for (let at = 0; at < file.length; at++) {
      check(join(file.subarray(0, at), file.subarray(at + 1)));
      check(join(file.subarray(0, at + 1), file.subarray(at)), 8);
    }
  });
});
