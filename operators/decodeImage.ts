import { availableParallelism } from 'node:os';
import { types } from 'node:util';
import { filter, type OperatorFunction } from 'rxjs';
import type Sharp from 'sharp';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { concurrencyField } from '../src/base/autoConcurrency.js';
import { badRecordFields, jsonBadRecordFields, withBadRecords, type BadRecordOptions } from './shared/badRecords.js';
import { ConfigError, FormatError } from '../src/base/errors.js';
import { inParallel } from './shared/inParallel.js';
import { placeInFile } from './shared/placeInFile.js';
import { ndarray, type NDArray } from '../src/arrays/ndarray.js';
import { requireFeature, type Structure } from '../src/arrays/requireFeature.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { quote, quoteNames } from '../src/base/showValue.js';
import { requireBytes } from '../src/base/requireBytes.js';

/** Options of {@link decodeImage}. */
export interface DecodeImageOptions extends BadRecordOptions {
  /** Colour channels: 1 for grey, 3 for RGB, 4 for RGB and alpha. Default: 3. */
  readonly channels?: 1 | 3 | 4 | undefined;
  /** The size of the output image, in pixels. The aspect ratio may change. Default: the size in the file. */
  readonly resize?: { readonly height: number; readonly width: number } | undefined;
  /**
   * The maximum number of images that are being decoded, or are decoded but not yet requested. Default: the number of
   * CPUs. `auto` works as in `mapAsync`.
   */
  readonly concurrency?: number | 'auto' | undefined;
}

/** The items that {@link decodeImage} emits if `feature` is set. */
export type WithImage<T, F extends string> = { [K in keyof T]: K extends F ? NDArray<'uint8'> : T[K] };

const length = lazy(() => z.int().positive());
export const decodeImageSchema = lazy(() =>
  z.strictObject({
    feature: z.string().optional().describe('The feature of the items to decode. Default: the items are bytes.'),
    channels: z
      .literal([1, 3, 4])
      .default(3)
      .describe('The number of colour channels: 1 is grey, 3 is RGB, 4 is RGB with alpha.'),
    resize: z
      .strictObject({
        height: length().describe('The height of the resized image, in pixels.'),
        width: length().describe('The width of the resized image, in pixels.'),
      })
      .optional()
      .describe('The size of the resized image. Default: the original size.'),
    concurrency: concurrencyField()
      .optional()
      .describe(
        'The number of images that are decoded at the same time, or "auto": found by measurement, at most 64. Default: the number of CPUs.',
      ),
    ...jsonBadRecordFields(),
  }),
);

const optionsSchema = lazy(() =>
  decodeImageSchema().extend({
    ...badRecordFields(),
    concurrency: concurrencyField().default(availableParallelism),
  }),
);

/**
 * Decodes JPEG and PNG images in parallel on other threads. Requires the package `sharp`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { batch, decodeImage, decodeRecordIO } from 'millrace/operators';
 *
 * const images$ = channel('images').pipe(
 *   decodeRecordIO(),
 *   decodeImage({ resize: { height: 224, width: 224 } }),
 *   batch(32), // NDArray<'uint8'> of shape [32, 224, 224, 3]
 * );
 * ```
 *
 * Emits uint8 NDArrays of shape `[height, width, channels]` in new memory. 16-bit images are converted to 8 bits. The
 * alpha channel is kept only if `channels` is 4. The EXIF orientation is ignored, as in TensorFlow. Memory: up to
 * `concurrency` images, and their encoded records.
 *
 * Fails with a ConfigError if `sharp` is not installed, and with a ValueError if an item lacks the feature. A record
 * that is not a complete, valid JPEG or PNG causes a FormatError.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/io/decode_image
 */
export function decodeImage<const F extends string, T extends Readonly<Record<F, Uint8Array>>>(
  options: DecodeImageOptions & {
    /** The name of the feature to decode, for example `image` after `imageFolder`. */
    readonly feature: F;
  },
): OperatorFunction<T, WithImage<T, F>>;
export function decodeImage(options?: DecodeImageOptions): OperatorFunction<Uint8Array, NDArray<'uint8'>>;
export function decodeImage(options: DecodeImageOptions = {}): OperatorFunction<never, unknown> {
  const { feature, concurrency, channels, resize, ...badRecords } = parseOptions(
    'decodeImage',
    optionsSchema(),
    options,
    {
      form: 'decodeImage({ channels: 3 })',
    },
  );
  return withBadRecords('decodeImage', badRecords, (judge) => {
    const decodeOrJudge = async (item: Structure | Uint8Array, recordIndex: number): Promise<unknown> => {
      const file = feature === undefined ? item : requireFeature('decodeImage', item as Structure, feature);
      const path = feature === undefined ? `record ${recordIndex}` : `record ${recordIndex}: ${quote(feature)}`;
      if (feature === undefined) requireNoFeatures(item, path);
      requireBytes('decodeImage', file, { path });
      try {
        const image = await decode(file, { channels, resize, recordIndex });
        return feature === undefined ? image : { ...(item as Structure), [feature]: image };
      } catch (thrown) {
        const error = thrown instanceof FormatError ? placeInFile(thrown, file) : thrown;
        if (!judge) throw error;
        judge(error, file.byteLength);
        return undefined;
      }
    };
    const parallel = { name: 'decodeImage', concurrency, ordered: true };
    return (source) => inParallel(source, parallel, decodeOrJudge).pipe(filter((image) => image !== undefined));
  });
}

function requireNoFeatures(item: Structure | Uint8Array, path: string): void {
  if (types.isUint8Array(item) || typeof item !== 'object') return;
  const names = Object.keys(item).filter((name) => types.isUint8Array(item[name]));
  if (names[0] === undefined || Array.isArray(item)) return;
  const message = `expected a Uint8Array, found an object with ${quoteNames(names)}: set feature: ${quote(names[0])}`;
  throw new ConfigError(`decodeImage: ${path}: ${message}`, { path });
}

interface DecodeOptions extends Pick<DecodeImageOptions, 'resize'> {
  readonly channels: 1 | 3 | 4;
  readonly recordIndex: number;
}

const SIGNATURES = [
  [0xff, 0xd8, 0xff],
  [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
];

async function decode(file: Uint8Array, options: DecodeOptions): Promise<NDArray<'uint8'>> {
  const sharp = loaded ?? (await loadSharp());
  const { channels, resize, recordIndex } = options;
  const malformed = (message: string, cause?: unknown): FormatError =>
    new FormatError(message, { kind: 'malformed', format: 'image', byteOffset: 0, recordIndex, cause });
  if (!SIGNATURES.some((signature) => signature.every((byte, index) => file[index] === byte))) {
    throw malformed(`expected a JPEG or PNG image, found ${file.byteLength} bytes in a different format`);
  }
  try {
    const image = sharp(file);
    const coloured = channels === 4 ? image.ensureAlpha() : image.removeAlpha();
    const sized = resize ? coloured.resize(resize.width, resize.height, { fit: 'fill' }) : coloured;
    const { data, info } = await sized
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return ndarray('uint8', [info.height, info.width, info.channels], bytes);
  } catch (cause) {
    throw malformed(`cannot decode this image of ${file.byteLength} bytes: ${String(cause)}`, cause);
  }
}

/** The loaded module. Stored, because even a repeated `import` takes about 0.1 ms. */
let loaded: typeof Sharp | undefined;

async function loadSharp(): Promise<typeof Sharp> {
  try {
    return (loaded ??= (await import('sharp')).default);
  } catch (cause) {
    throw new ConfigError('decodeImage: the package sharp is not installed. Install it with `npm install sharp`.', {
      path: 'sharp',
      cause,
    });
  }
}
