import fc from 'fast-check';
import { crc32c, crc32cNative, maskedCrc32c } from '../../../src/formats/crc32c/crc32c.js';
import { crc32cByTable } from '../../../src/formats/crc32c/crc32cByTable.js';

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** RFC 3720, B.4. */
const KNOWN: readonly [string, Uint8Array, number][] = [
  ['32 bytes of zeroes', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 bytes rising', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ['32 bytes falling', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  [
    'an iSCSI read command',
    new Uint8Array(
      Buffer.from(
        '01c00000000000000000000000000000140000000000040000000014000000182800000000000000' + '0200000000000000',
        'hex',
      ),
    ),
    0xd9963a56,
  ],
  ['the digits', new Uint8Array(Buffer.from('123456789')), 0xe3069283],
  ['nothing', new Uint8Array(0), 0],
];

describe('crc32c', () => {
  it.each(KNOWN)('knows the checksum of %s', (_name, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('takes a part of the bytes', () => {
    const bytes = new Uint8Array(Buffer.from('..123456789..'));
    expect(crc32c(bytes, 2, 11)).toBe(0xe3069283);
  });

  const native = crc32cNative();
  const itWithNative = native === undefined ? it.skip : it;
  itWithNative('returns the same by table and by the native library', () => {
    const input = fc.tuple(fc.uint8Array({ maxLength: 600 }), fc.nat(20));
    fc.assert(
      fc.property(input, ([bytes, skipped]) => {
        const start = Math.min(skipped, bytes.length);
        const expected = native!(bytes.subarray(start));
        expect(crc32cByTable(view(bytes), start, bytes.length) >>> 0).toBe(expected);
        expect(crc32c(bytes, start)).toBe(expected);
      }),
    );
  });
});

describe('maskedCrc32c', () => {
  it('rotates and shifts the checksum', () => {
    const bytes = new Uint8Array(Buffer.from('123456789'));
    const rotated = ((0xe3069283 >>> 15) | (0xe3069283 << 17)) >>> 0;
    expect(maskedCrc32c(view(bytes), 0, bytes.length) >>> 0).toBe((rotated + 0xa282ead8) % 2 ** 32);
  });
});
