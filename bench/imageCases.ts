import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { toAsyncIterable, type NDArray } from 'millrace';
import { RecordIOReader } from 'millrace/formats';
import {
  batch,
  decodeImage,
  decodeRecordIO,
  decodeTFRecord,
  mapInWorkers,
  mapWithRandom,
  prefetch,
} from 'millrace/operators';
import type { Observable, OperatorFunction } from 'rxjs';
import type { Crop } from './augmentImages.js';
import type { Job } from './job.js';
import { pseudoRandomBytes } from './pseudoRandomBytes.js';

export const IMAGE_SIZE = { width: 400, height: 300 };
const RESIZED = { width: 224, height: 224 };
const BATCH = 32;
const DISTINCT_IMAGES = 64;

/** Encodes JPEGs of 400 x 300 pixels: soft shapes and a little noise, about 45 kB each, like photographs. */
export async function encodeImages(): Promise<Uint8Array[]> {
  return Promise.all(Array.from({ length: DISTINCT_IMAGES }, (_, index) => encodeImage(index)));
}

/** Imports sharp on demand, because it would use memory in other jobs. */
const loadSharp = async () => (await import('sharp')).default;

async function encodeImage(index: number): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const { width, height } = IMAGE_SIZE;
  const layer = (scale: number) => {
    const raw = { width: Math.ceil(width / scale), height: Math.ceil(height / scale), channels: 3 as const };
    const bytes = pseudoRandomBytes(raw.width * raw.height * raw.channels, index);
    return sharp(bytes, { raw }).resize({ width, height, fit: 'fill', kernel: 'cubic' });
  };
  const noise = await layer(2).png().toBuffer();
  return layer(32)
    .composite([{ input: noise, blend: 'soft-light' }])
    .jpeg({ quality: 85 })
    .toBuffer();
}

async function countImages(batches$: Observable<NDArray>): Promise<number> {
  let images = 0;
  for await (const { shape } of toAsyncIterable(batches$)) images += shape[0] ?? 0;
  return images;
}

const imageBatches =
  (decode: OperatorFunction<Uint8Array, Uint8Array>): Job =>
  ({ bytes$ }) =>
    countImages(bytes$.pipe(decode, decodeImage({ resize: RESIZED }), batch(BATCH), prefetch(2)));

/** Crops and flips images at random, and converts them to float32. */
const augmented: Job = ({ bytes$ }) =>
  countImages(
    bytes$.pipe(
      decodeRecordIO(),
      decodeImage({ resize: RESIZED }),
      batch(BATCH),
      mapWithRandom((images, random): Crop => ({ images, seed: Math.floor(random() * 2 ** 32) }), { seed: 7 }),
      mapInWorkers<Crop, NDArray<'float32'>>(new URL('./augmentImages.js', import.meta.url), { move: 'all' }),
      prefetch(2),
    ),
  );

/**
 * The fastest loop over sharp: as many calls at a time as in `decodeImage`, without batches. The file is read in
 * advance.
 */
const sharpAlone: Job = async ({ path }) => {
  const sharp = await loadSharp();
  const reader = new RecordIOReader();
  reader.push(readFileSync(path));
  let images = 0;
  const decodeNext = async (): Promise<void> => {
    for (let file = reader.read(); file; file = reader.read()) {
      await sharp(file)
        .removeAlpha()
        .resize({ ...RESIZED, fit: 'fill' })
        .toColourspace('srgb')
        .raw()
        .toBuffer();
      images++;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, decodeNext));
  return images;
};

export const IMAGE_JOBS: Readonly<Record<string, Job>> = {
  'tf-data images': imageBatches(decodeTFRecord()),
  images: imageBatches(decodeRecordIO()),
  'images-augmented': augmented,
  'images sharp': sharpAlone,
};
