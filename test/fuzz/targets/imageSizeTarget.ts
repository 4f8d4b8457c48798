import assert from 'node:assert/strict';
import { imageSize, type ImageSize } from '../../../src/formats/imageSize.js';
import { poisonedChunk, type Draw } from '../../support/poisonedChunks.js';
import type { FuzzTarget } from '../fuzzTarget.js';
import { replaced } from '../mutations.js';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000020000000308060000009d74661a', 'hex');
const JPEG = Buffer.from(
  'ffd8ffe000104a46494600010100000100010000ffffc4000401ffc20011080003000203012200021101031101',
  'hex',
);

/** Finds the size in a header by cutting the file into its parts. */
function expectedSize(file: Buffer): ImageSize | undefined {
  const unknown = { width: undefined, height: undefined };
  if (file.subarray(0, 8).equals(PNG.subarray(0, 8))) {
    if (file.length < 24) return { format: 'PNG', ...unknown };
    return { format: 'PNG', width: file.readUInt32BE(16), height: file.readUInt32BE(20) };
  }
  if (!file.subarray(0, 3).equals(JPEG.subarray(0, 3))) return undefined;
  let rest = file.subarray(2);
  while (rest.length >= 9 && rest[0] === 0xff) {
    const marker = rest[1]!;
    if (/^c[0-9a-f]$/.test(marker.toString(16)) && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { format: 'JPEG', width: rest.readUInt16BE(7), height: rest.readUInt16BE(5) };
    }
    rest = rest.subarray(marker === 0xff ? 1 : 2 + rest.readUInt16BE(2));
  }
  return { format: 'JPEG', ...unknown };
}

/** The headers of images against a reference. */
export const imageSizeTarget: FuzzTarget = {
  name: 'imageSize',
  weight: 2,
  seeds: [PNG, JPEG].map((file) => new Uint8Array(file)),
  mutate: (input, draw: Draw) => {
    const at = draw(input.length + 1);
    return replaced(input, at, at + 2, Uint8Array.of(0xff, 0xc0 + draw(16)));
  },
  run: (input, draw) => {
    assert.deepEqual(imageSize(poisonedChunk(input, draw)), expectedSize(Buffer.from(input)));
  },
};
