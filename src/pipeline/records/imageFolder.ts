import type { Observable } from 'rxjs';
import { lazy } from '../../base/lazy.js';
import { parseOptions, requireOptions } from '../../base/parseOptions.js';
import {
  imageFolderFormat,
  type ImageLabelOptions,
  type LabelledImage,
} from '../../formats/wholeFile/wholeFileFormat.js';
import { patternsSchema } from './chooseStore.js';
import { imageDecoder } from './imageLabels.js';
import { checkFileOptions, recordsOfPlaces, type RecordsFromFilesOptions } from './recordsFromFiles.js';

/** Options of {@link imageFolder}. */
export interface ImageFolderOptions extends ImageLabelOptions, Omit<RecordsFromFilesOptions<never>, 'recordFormat'> {}

/** The Observable of {@link imageFolder}. */
export interface ImageFolder extends Observable<LabelledImage> {
  /**
   * Lists the files, and returns the class names in the order of the labels. Rejects with the errors of the Observable.
   */
  readonly classNames: () => Promise<readonly string[]>;
}

const ownSchema = lazy(() => imageFolderFormat.options().extend({ place: patternsSchema() }));

/**
 * Reads images in one folder for each class, like Keras' `image_dataset_from_directory`. Does not decode them.
 *
 * ```ts
 * import { imageFolder } from 'millrace';
 * import { batch, decodeImage } from 'millrace/operators';
 *
 * const images$ = imageFolder('data/train', { shuffleSeed: 7 }); // data/train/cat/1.jpg
 * const classNames = await images$.classNames(); // ['cat', 'dog']
 * const batches$ = images$.pipe(
 *   decodeImage({ feature: 'image', resize: { height: 224, width: 224 } }),
 *   batch(32), // { image: NDArray<'uint8'>, label: NDArray<'int32'>, path: string[] }
 * );
 * ```
 *
 * The class is the first folder below `place`, or below the last folder before the wildcards. An empty local folder is
 * a class, too. The first listing decides the class names. A warning lists files that are left out.
 *
 * Emits the images sorted by label, folder and name, like Keras. Memory and errors: as with `recordsFromFiles`. The
 * Observable also fails with a ConfigError if a folder of `classNames` is missing, and with a ChannelError if there is
 * no image.
 *
 * @param place - folders, patterns, or URLs of prefixes.
 * @see https://keras.io/api/data_loading/image/
 */
export function imageFolder(place: string | readonly string[], options: ImageFolderOptions = {}): ImageFolder {
  requireOptions('imageFolder', options, "{ classNames: ['cat', 'dog'] }");
  const { classNames: names, extensions, maxRecordBytes, ...rest } = options;
  const own = { place, classNames: names, extensions, maxRecordBytes };
  checkFileOptions('imageFolder', Object.keys(imageFolderFormat.options().shape), rest);
  const decoder = imageDecoder(parseOptions('imageFolder', ownSchema(), own));
  const caller = { caller: 'imageFolder', argument: 'place', network: 'by itself' } as const;
  const { records$, list } = recordsOfPlaces(place, { ...rest, recordFormat: decoder }, caller);
  const classNames = async (): Promise<readonly string[]> => {
    await list();
    return decoder.labels.classNames;
  };
  return Object.assign(records$, { classNames });
}
