import { ndarray, type NDArray } from 'millrace';

const CROP = 200;

/** Crops a batch of images at random places, flips half of them, and scales the bytes to −1 to 1. */
export function map(batch: NDArray<'uint8'>, index: number): NDArray<'float32'> {
  const [images = 0, height = 0, width = 0, channels = 0] = batch.shape;
  const output = new Float32Array(images * CROP * CROP * channels);
  const random = randomOf(index);
  let at = 0;
  for (let image = 0; image < images; image++) {
    const top = random(height - CROP + 1);
    const left = random(width - CROP + 1);
    const isFlipped = random(2) === 1;
    for (let row = 0; row < CROP; row++) {
      for (let column = 0; column < CROP; column++) {
        const from = left + (isFlipped ? CROP - 1 - column : column);
        const pixel = ((image * height + top + row) * width + from) * channels;
        for (let channel = 0; channel < channels; channel++) {
          output[at++] = (batch.data[pixel + channel] ?? 0) / 127.5 - 1;
        }
      }
    }
  }
  return ndarray('float32', [images, CROP, CROP, channels], output);
}

/** Returns the same numbers for the same batch, whichever worker maps it. */
function randomOf(seed: number): (limit: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
