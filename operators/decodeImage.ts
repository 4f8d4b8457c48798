import { availableParallelism } from 'node:os';
import { filter, type OperatorFunction } from 'rxjs';
import type Sharp from 'sharp';
import { z } from 'zod';
import { badRecordFields, jsonBadRecordFields, withBadRecords, type BadRecordOptions } from './shared/badRecords.js';
import { ConfigError, FormatError } from '../src/base/errors.js';
import { inParallel } from './shared/inParallel.js';
import { ndarray, type NDArray } from '../src/arrays/ndarray.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { requireBytes } from '../src/base/requireBytes.js';

/** Options of {@link decodeImage}. */
export interface DecodeImageOptions extends BadRecordOptions {
  /** 1 is grey, 3 is RGB, 4 is RGB and alpha. Default: 3, whatever the file has. */
  readonly channels?: 1 | 3 | 4 | undefined;
  /** The size to bring every image to, in pixels, whatever its proportions. Default: its own. */
  readonly resize?: { readonly height: number; readonly width: number } | undefined;
  /** How many images may be in work or done and not yet wanted. Default: the number of CPUs. */
  readonly concurrency?: number | undefined;
}

const length = z.int().positive();
/** The options of {@link decodeImage} that JSON can hold. */
export const decodeImageSchema = z.strictObject({
  channels: z.literal([1, 3, 4]).default(3),
  resize: z.strictObject({ height: length, width: length }).optional(),
  concurrency: length.optional(),
  ...jsonBadRecordFields,
});

const optionsSchema = decodeImageSchema.extend({
  ...badRecordFields,
  concurrency: length.default(availableParallelism),
});

/**
 * Decodes JPEG and PNG images, several at a time, by the package `sharp`, which you install beside this one.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { batch, decodeImage, decodeRecordIO } from 'millrace/operators';
 *
 * const images$ = channel('images').pipe(
 *   decodeRecordIO(),
 *   decodeImage({ resize: { height: 224, width: 224 }, onBadRecord: 'skip', maxBadRecords: 100 }),
 *   batch(32), // NDArray<'uint8'> of shape [32, 224, 224, 3]
 * );
 * ```
 *
 * Takes the bytes of a file, gives uint8 of shape `[height, width, channels]` in fresh memory: 16-bit images are brought
 * to 8 bits, alpha is dropped unless 4 channels are asked for, and what a file says of its rotation is not applied, as in
 * TensorFlow. Work is done on other threads. Order is kept. Memory: up to `concurrency` images in work or done.
 *
 * Throws a ConfigError at the call for bad options. Notifies a ConfigError where `sharp` is not installed, and a
 * FormatError in its record's place for what is no JPEG or PNG, or a damaged or cut one, unless `onBadRecord` leaves it
 * out. Unsubscribing drops the images that are in work.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/io/decode_image
 */
export function decodeImage(options: DecodeImageOptions = {}): OperatorFunction<Uint8Array, NDArray<'uint8'>> {
  const { concurrency, channels, resize, ...badRecords } = parseOptions('decodeImage', optionsSchema, options, {
    form: 'decodeImage({ channels: 3 })',
  });
  return withBadRecords('decodeImage', badRecords, (judge) => {
    const decodeOrJudge = async (file: Uint8Array, recordIndex: number): Promise<NDArray<'uint8'> | undefined> => {
      try {
        requireBytes('decodeImage', file, { path: `record ${recordIndex}` });
        return await decode(file, { channels, resize, recordIndex });
      } catch (error) {
        if (!judge) throw error;
        judge(error, file.byteLength);
        return undefined;
      }
    };
    const parallel = { name: 'decodeImage', concurrency, ordered: true };
    return (source) => inParallel(source, parallel, decodeOrJudge).pipe(filter((image) => image !== undefined));
  });
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
  const sharp = await loadSharp();
  const { channels, resize, recordIndex } = options;
  const malformed = (message: string, cause?: unknown): FormatError =>
    new FormatError(message, { kind: 'malformed', format: 'image', byteOffset: 0, recordIndex, cause });
  if (!SIGNATURES.some((signature) => signature.every((byte, index) => file[index] === byte))) {
    throw malformed(`${file.byteLength} bytes that begin neither as a JPEG nor as a PNG`);
  }
  try {
    const image = sharp(file);
    const coloured = channels === 4 ? image.ensureAlpha() : image.removeAlpha();
    const sized = resize ? coloured.resize({ ...resize, fit: 'fill' }) : coloured;
    const { data, info } = await sized
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return ndarray('uint8', [info.height, info.width, info.channels], bytes);
  } catch (cause) {
    throw malformed(`cannot decode ${file.byteLength} bytes: ${String(cause)}`, cause);
  }
}

async function loadSharp(): Promise<typeof Sharp> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new ConfigError('decodeImage needs the package sharp: npm install sharp', { path: 'sharp', cause });
  }
}
