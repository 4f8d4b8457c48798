import fc from 'fast-check';
import { fourOf, hasByte } from '../../../src/formats/csv/byteGroups.js';
import { runs } from '../../support/runs.js';

const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x22, 0x21, 0x23, 0x7f, 0x80, 0x81, 0xa2, 0xff));

describe('hasByte', () => {
  it('tells exactly whether a group contains a byte', () => {
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), byte, (bytes, wanted) => {
        const group = new DataView(Uint8Array.from(bytes).buffer).getInt32(0);
        expect(hasByte(group, fourOf(wanted))).toBe(bytes.includes(wanted));
      }),
      { numRuns: runs(5000) },
    );
  });
});
