import fc from 'fast-check';
import { crc32cNative } from '../../../src/formats/crc32c/crc32c.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { verifyTFRecords } from '../../../src/formats/tfrecord/tfRecordRun.js';

const LIMIT = 2 ** 20;

function runOf(bytes: Uint8Array, start = 0, limit = bytes.length) {
  return verifyTFRecords(new DataView(bytes.buffer), start, limit, LIMIT);
}

const record = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 250, maxLength: 5000 }));

function framed(payloads: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(payloads.map(encodeTFRecord)));
}

const describeWithNative = crc32cNative() === undefined ? describe.skip : describe;

describeWithNative('verifyTFRecords', () => {
  it('finds records of any lengths sound, from any place in memory', () => {
    const input = fc.tuple(fc.array(record, { minLength: 1, maxLength: 6 }), fc.nat(20));
    fc.assert(
      fc.property(input, ([payloads, start]) => {
        const frames = framed(payloads);
        const bytes = new Uint8Array(start + frames.length + 9);
        bytes.set(frames, start);
        expect(runOf(bytes, start, start + frames.length)).toEqual({ end: start + frames.length, isSound: true });
      }),
    );
  });

  it('ends before an incomplete record', () => {
    const [one, two] = [encodeTFRecord(Uint8Array.of(1, 2, 3)), encodeTFRecord(Uint8Array.of(4, 5))];
    const bytes = Uint8Array.from(Buffer.concat([one, two]));
    for (let limit = one.length; limit < bytes.length; limit++) {
      expect(runOf(bytes, 0, limit)).toEqual({ end: one.length, isSound: true });
    }
    expect(runOf(bytes, 0, one.length - 1)).toEqual({ end: 0, isSound: false });
  });

  it('does not take a single wrong bit, or two wrong bytes, for sound', () => {
    const sound = framed([Uint8Array.of(1, 2, 3), new Uint8Array(70).fill(7), new Uint8Array(0), Uint8Array.of(9)]);
    const flip = (bit: number): Uint8Array => {
      const bytes = Uint8Array.from(sound);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      return bytes;
    };
    for (let bit = 0; bit < sound.length * 8; bit++) {
      const { end, isSound } = runOf(flip(bit));
      expect(isSound && end > bit >> 3).toBe(false);
    }
    const places = fc.uniqueArray(fc.nat(sound.length - 1), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(places, fc.tuple(fc.integer({ min: 1, max: 255 }), fc.integer({ min: 1, max: 255 })), (at, by) => {
        const bytes = Uint8Array.from(sound);
        at.forEach((place, index) => (bytes[place]! ^= by[index]!));
        const { end, isSound } = runOf(bytes);
        expect(isSound && end > Math.min(...at)).toBe(false);
      }),
    );
  });
});
