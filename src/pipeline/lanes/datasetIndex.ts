import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { positiveInteger } from '../../base/parseOptions.js';

/** A file of a {@link DatasetIndex}. */
export interface IndexedFile {
  /** The path relative to the folder, or to the last folder before the wildcards of a pattern. */
  readonly name: string;
  readonly byteLength: number;
  /** The version of the file or object, as in `StoredObject`. */
  readonly version?: string | undefined;
  /** The byte offset and the number of records of each block. A block ends at the start of the next block. */
  readonly blocks: readonly (readonly [byteOffset: number, records: number])[];
}

/** The result of {@link indexRecords}: the blocks of the files of a dataset, as plain JSON. */
export interface DatasetIndex {
  readonly version: 1;
  /** The format of the records, such as `TFRecord`. */
  readonly recordFormat: string;
  /** The files in the order of `recordsFromFiles`. */
  readonly files: readonly IndexedFile[];
}

const count = lazy(() => z.int().nonnegative());

const fileSchema = lazy(() =>
  z
    .strictObject({
      name: z.string().min(1),
      byteLength: count(),
      version: z.string().optional(),
      blocks: z.array(z.tuple([count(), positiveInteger()])),
    })
    .refine(
      ({ blocks, byteLength }) => {
        return blocks.every(([byteOffset], index) => byteOffset < (blocks[index + 1]?.[0] ?? byteLength));
      },
      {
        path: ['blocks'],
        error: 'expected increasing byte offsets that are less than byteLength',
      },
    ),
);

export const datasetIndexSchema = lazy(() =>
  z.strictObject(
    {
      version: z.literal(1, { error: 'expected 1, the only version' }),
      recordFormat: z.string().min(1),
      files: z.array(fileSchema()),
    },
    { error: 'expected an index that millrace index or indexRecords() has made' },
  ),
);

/** Returns the index as JSON with one line for each file. */
export function indexAsText({ files, ...head }: DatasetIndex): string {
  const lines = files.map((file) => `    ${JSON.stringify(file)}`);
  return `${JSON.stringify(head).slice(0, -1)},"files":[\n${lines.join(',\n')}\n]}\n`;
}

/** Returns the first difference between two indexes as text, or `undefined` if they are equal. */
export function differenceOf(saved: DatasetIndex, found: DatasetIndex): string | undefined {
  if (saved.recordFormat !== found.recordFormat) {
    return `the record format: expected ${saved.recordFormat} (from the index), found ${found.recordFormat}`;
  }
  const change = changeOf(saved, found.files);
  if (change) return change.difference;
  const other = saved.files.find(({ blocks }, position) => !isDeepStrictEqual(blocks, found.files[position]?.blocks));
  return (
    other &&
    `${other.name}: the positions of its records, or the options --block-bytes, --skip-lines or --idx, differ from the index`
  );
}

type FileVersion = Pick<IndexedFile, 'name' | 'byteLength' | 'version'>;

/** Returns the first listed file that differs from the index, or `undefined` if all are equal. */
export function changeOf<F extends FileVersion>(
  { files }: DatasetIndex,
  listed: readonly F[],
): { readonly file: F | undefined; readonly difference: string } | undefined {
  for (let position = 0; position < Math.max(files.length, listed.length); position++) {
    const file = listed[position];
    const difference = fileDifference(files[position], file);
    if (difference !== undefined) return { file, difference };
  }
  return undefined;
}

function fileDifference(saved: FileVersion | undefined, found: FileVersion | undefined): string | undefined {
  if (!saved) return found && `${found.name}: the file is not in the index`;
  const { name } = saved;
  if (found?.name !== name) {
    const instead = found ? `found ${found.name} in its place` : 'found no more files';
    return `expected the file ${name} (from the index), ${instead}`;
  }
  if (saved.byteLength !== found.byteLength) {
    return `${name} has changed: expected ${saved.byteLength} bytes (from the index), found ${found.byteLength}`;
  }
  if (saved.version === found.version) return undefined;
  return `${name} has changed: expected the version ${show(saved.version)} (from the index), found ${show(found.version)}`;
}

const show = (version: string | undefined): string => (version === undefined ? 'unknown' : JSON.stringify(version));
