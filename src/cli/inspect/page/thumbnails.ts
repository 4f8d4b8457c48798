import type { Sharp } from 'sharp';
import type { ImageFacts } from '../../../page/data/dataFacts.js';
import { imageSize } from '../../../formats/imageSize.js';
import { grouped } from '../../../base/grouped.js';
import type { ComparedFeature } from '../sketch/distance.js';
import type { SampledImage } from '../sketch/featureSketch.js';
import { cut } from './featureFacts.js';

const THUMBNAIL_PIXELS = 128;
/** Without sharp, or if sharp fails, the page contains the unchanged file of an image of up to this size. */
const MAX_ORIGINAL_BYTES = 16 * 1024;
/** Later images of the page have no thumbnail. */
const MAX_THUMBNAILS = 60;

type OpenImage = (file: Uint8Array) => Sharp;

/** Returns thumbnails of the sampled images. Uses `sharp` if it is installed. */
export async function thumbnailsOf(
  features: readonly ComparedFeature[],
  names: readonly string[],
): Promise<ImageFacts[]> {
  const sampled = features.flatMap(({ name, features: sets }) =>
    sets.flatMap((feature, set) => {
      const title = names.length > 1 ? `${name}, ${names[set] ?? ''}` : name;
      return (feature?.sketch.images.items ?? []).map((image) => ({ title: cut(title, 80), image }));
    }),
  );
  if (sampled.length === 0) return [];
  const open = await loadSharp();
  const images: ImageFacts[] = [];
  for (const { title, image } of sampled) {
    const url = images.length < MAX_THUMBNAILS ? await urlOf(image, open) : undefined;
    images.push({ feature: title, url, text: textOf(image) });
  }
  return images;
}

async function loadSharp(): Promise<OpenImage | undefined> {
  try {
    return (await import('sharp')).default;
  } catch {
    return undefined;
  }
}

async function urlOf({ file }: SampledImage, open: OpenImage | undefined): Promise<string | undefined> {
  try {
    const size = {
      width: THUMBNAIL_PIXELS,
      height: THUMBNAIL_PIXELS,
      fit: 'inside',
      withoutEnlargement: true,
    } as const;
    const thumbnail = await open?.(file).resize(size).webp().toBuffer();
    if (thumbnail) return `data:image/webp;base64,${thumbnail.toString('base64')}`;
  } catch {
    // The file is damaged. A browser may show a part of it.
  }
  if (file.length > MAX_ORIGINAL_BYTES) return undefined;
  const type = imageSize(file)?.format === 'JPEG' ? 'jpeg' : 'png';
  return `data:image/${type};base64,${Buffer.from(file).toString('base64')}`;
}

function textOf({ file, width, height }: SampledImage): string {
  const size = width === undefined ? '' : `${width} × ${height ?? 0}, `;
  return `${size}${grouped(file.length)} bytes`;
}
