import { requireBytes } from '../base/requireBytes.js';

export interface ImageSize {
  readonly format: 'PNG' | 'JPEG';
  /** `undefined` if the file ends before the width. */
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/*
 * PNG, big endian                                                          https://www.w3.org/TR/png-3/#11IHDR
 *   0   8  signature
 *   8   8  length and type of the first chunk, IHDR
 *   16  4  width
 *   20  4  height
 *
 * JPEG, big endian: segments after ff d8                                   https://www.w3.org/Graphics/JPEG/itu-t81.pdf
 *   0   1  ff; further ff bytes may follow as padding
 *   1   1  marker; c0 to cf begin a frame, except c4, c8 and cc
 *   2   2  length of the segment, with these two bytes
 *   4   1  (of a frame) bits a sample
 *   5   2  (of a frame) height
 *   7   2  (of a frame) width
 */
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const PNG_WIDTH_AT = 16;
const JPEG_SIGNATURE = [0xff, 0xd8, 0xff];
const NOT_FRAMES: readonly number[] = [0xc4, 0xc8, 0xcc];
const JPEG_FRAME_BYTES = 9;

export function imageSize(file: Uint8Array): ImageSize | undefined {
  requireBytes('imageSize', file);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (startsWith(file, PNG_SIGNATURE)) {
    if (file.length < PNG_WIDTH_AT + 8) return { format: 'PNG', width: undefined, height: undefined };
    return { format: 'PNG', width: view.getUint32(PNG_WIDTH_AT), height: view.getUint32(PNG_WIDTH_AT + 4) };
  }
  if (!startsWith(file, JPEG_SIGNATURE)) return undefined;
  const frame = findFrame(view);
  if (frame === undefined) return { format: 'JPEG', width: undefined, height: undefined };
  return { format: 'JPEG', width: view.getUint16(frame + 7), height: view.getUint16(frame + 5) };
}

function startsWith(file: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => file[index] === byte);
}

function findFrame(view: DataView): number | undefined {
  let at = 2;
  while (at + JPEG_FRAME_BYTES <= view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker >= 0xc0 && marker <= 0xcf && !NOT_FRAMES.includes(marker)) return at;
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}
