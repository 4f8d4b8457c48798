import { encodeRecordIO } from '../../src/formats/recordio/encodeRecordIO.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { seededRandom } from '../../src/base/seededRandom.js';
import { contentRandom, drawSize, epochPlan } from './epochPlan.js';
import { encodeSoakRecord, HEADER_BYTES } from './soakRecord.js';

const FRAMES = [encodeRecordIO, encodeTFRecord] as const;

const CHUNK_BYTES = 256 * 1024;

/** Records are slices of a pool of random bytes. Only the headers are new. */
const POOL_BYTES = 4 * 1024 * 1024;

export function epochBytesOf(seed: number, channel: number): (epoch: number) => AsyncIterable<Uint8Array> {
  const pool = randomBytes(seed, POOL_BYTES);
  const frame = FRAMES[channel] ?? encodeRecordIO;

  function* chunks(epoch: number): Generator<Uint8Array, undefined> {
    const { count, sizes } = epochPlan(seed, epoch);
    const random = contentRandom(seed, epoch, channel);
    let frames: Uint8Array[] = [];
    let bytes = 0;
    for (let number = 0; number < count; number++) {
      const length = drawSize(sizes, random) - HEADER_BYTES;
      const start = random(POOL_BYTES - length);
      const framed = frame(encodeSoakRecord({ channel, epoch, number }, pool.subarray(start, start + length)));
      frames.push(framed);
      bytes += framed.length;
      if (bytes < CHUNK_BYTES) continue;
      yield Buffer.concat(frames, bytes);
      frames = [];
      bytes = 0;
    }
    if (bytes > 0) yield Buffer.concat(frames, bytes);
  }

  return (epoch) => {
    const made = chunks(epoch);
    return { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(made.next()) }) };
  };
}

function randomBytes(seed: number, length: number): Uint8Array {
  const random = seededRandom(seed, 0xffff_ffff);
  return Uint8Array.from({ length }, () => random(256));
}
