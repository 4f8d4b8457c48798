import { relative, sep } from 'node:path';
import { FormatError } from '../../base/errors.js';
import type { InputFailure } from '../inspect/findInputs.js';
import type { ParquetSurvey } from '../inspect/parquetSurvey.js';
import { Survey } from '../inspect/survey.js';
import { fault } from './fault.js';

export interface ImageData {
  readonly kind: 'images';
  readonly pattern: string;
  /** The folder of the class folders. */
  readonly paths: readonly string[];
  readonly records: number;
  readonly classNames: readonly string[];
  /** The other files of the folder, which `imageFolder` leaves out. */
  readonly leftOut: readonly string[];
}

/** The default of `imageFolder`. */
const IMAGE_NAME = /\.(jpeg|jpg|png)$/i;

/**
 * Returns `undefined` if the data are not images in class folders.
 *
 * @throws ConfigError if all data are images without class folders.
 */
export function imagesOf(
  pattern: string,
  surveys: readonly (Survey | ParquetSurvey)[],
  failures: readonly InputFailure[],
): ImageData | undefined {
  const images = surveys.find((survey): survey is Survey => survey instanceof Survey && survey.format === 'image');
  if (!images) return undefined;
  const others = surveys.filter((survey) => survey !== images).flatMap(({ paths }) => paths);
  const leftOut = [...others, ...failures.map(({ path }) => path)].sort();
  const classNames = classesOf(pattern, images.paths);
  if (classNames.length < 2) {
    if (leftOut.length > 0) return undefined;
    const found = classNames.length === 1 ? `only the folder ${classNames[0]}` : 'images outside such folders';
    const expected = 'expected a folder that contains at least two folders of images, one for each class';
    throw fault(pattern, `${expected}, as in data/cat/1.jpg and data/dog/1.jpg. Found ${found}`);
  }
  if (failures.some(({ error }) => !(error instanceof FormatError))) return undefined;
  // A file with the extension of an image must be an image.
  if (leftOut.some((path) => IMAGE_NAME.test(path))) return undefined;
  const records = images.paths.length;
  return { kind: 'images', pattern, paths: [pattern], records, classNames, leftOut };
}

function classesOf(pattern: string, paths: readonly string[]): string[] {
  const folders = paths.map((path) => relative(pattern, path).split(sep));
  const names = [...new Set(folders.flatMap(([name = '', ...rest]) => (rest.length > 0 ? [name] : [])))];
  if (names.includes('..')) return [];
  return names.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}
