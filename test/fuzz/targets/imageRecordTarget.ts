import assert from 'node:assert/strict';
import { FormatError } from '../../../src/base/errors.js';
import { encodeImageRecord, readImageRecord } from '../../../src/formats/imageRecord/imageRecord.js';
import { poisonedChunks } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { littleEndian, replaced } from '../mutations.js';

/** Reads a record with the methods of Buffer. */
function reference(record: Buffer): unknown {
  const flag = record.length < 24 ? 0 : record.readUInt32LE(0);
  if (record.length < 24 + 4 * flag) return 'truncated';
  const labels = Array.from({ length: flag }, (_, index) => record.readFloatLE(24 + 4 * index));
  return {
    image: record.toString('latin1', 24 + 4 * flag),
    shape: flag === 0 ? [] : [flag],
    labels: flag === 0 ? [record.readFloatLE(4)] : labels,
    id: record.readBigUInt64LE(8),
  };
}

/** The records of im2rec against a reference. */
export const imageRecordTarget: FuzzTarget = {
  name: 'ImageRecord',
  weight: 2,
  seeds: [encodeImageRecord(Uint8Array.of(1, 2, 3), 4, 5n), encodeImageRecord(Uint8Array.of(6), [7, -8, 9], 2n ** 63n)],
  mutate: (input, draw) => replaced(input, 0, 4, littleEndian(BigInt(draw(8)), 4)),
  run: (input, draw) => {
    const poisoned = poisonedChunks(input, [], draw);
    const [record] = poisoned.chunks as [Uint8Array];
    let found: unknown;
    try {
      const { image, label, id } = readImageRecord(record, 0);
      poisoned.assertInside(image);
      const labels = [...label.data];
      found = { image: Buffer.from(image).toString('latin1'), shape: label.shape, labels, id };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      found = error.kind;
    }
    assert.deepEqual(found, reference(Buffer.from(input)));
    poisoned.assertUntouched();
  },
};
