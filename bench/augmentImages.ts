import { ndarray, randomFromSeed, type NDArray } from 'millrace';

const CROP = 200;

export interface Crop {
  readonly images: NDArray<'uint8'>;
  readonly seed: number;
}

/** Crops the images of a batch at random places, flips half of them, and scales the bytes to −1 to 1. */
export function map({ images, seed }: Crop): NDArray<'float32'> {
  const [count = 0, height = 0, width = 0, channels = 0] = images.shape;
  const output = new Float32Array(count * CROP * CROP * channels);
  const random = randomFromSeed(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  let at = 0;
  for (let image = 0; image < count; image++) {
    const [top, left] = [below(height - CROP + 1), below(width - CROP + 1)];
    const isFlipped = random() < 0.5;
    for (let row = 0; row < CROP; row++) {
      for (let column = 0; column < CROP; column++) {
        const from = left + (isFlipped ? CROP - 1 - column : column);
        const pixel = ((image * height + top + row) * width + from) * channels;
        for (let c = 0; c < channels; c++) output[at++] = (images.data[pixel + c] ?? 0) / 127.5 - 1;
      }
    }
  }
  return ndarray('float32', [count, CROP, CROP, channels], output);
}
