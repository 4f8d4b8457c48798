import { z } from 'zod';
import { ndarray, type NDArray } from '../../arrays/ndarray.js';
import { ConfigError, FormatError } from '../../base/errors.js';
import { lazy } from '../../base/lazy.js';
import { placeOf, rememberCopy } from '../../base/origins.js';
import { defineFormat, type FormatReader, type InputFile } from '../framing/formatDefinition.js';
import { maxRecordBytesSchema, tooLargeMessage } from '../framing/recordLimits.js';

/** A file as one record. */
export interface WholeFile {
  readonly bytes: Uint8Array;
  /** The path, or the URL without its query. */
  readonly path: string;
}

/** Options of `decodeWholeFile`. */
export interface WholeFileOptions {
  /** The maximum size of a file in bytes, after decompression. Default: 256 MiB. */
  readonly maxRecordBytes?: number | undefined;
}

/** A file of `imageFolder`. */
export interface LabelledImage {
  /** The bytes of the file. */
  readonly image: Uint8Array;
  /** A scalar: the index of the class in the class names. */
  readonly label: NDArray<'int32'>;
  readonly path: string;
}

/** Options of `imageFolder` and of a declared channel. */
export interface ImageLabelOptions extends WholeFileOptions {
  /** The class folders in the order of the labels. Default: all folders, sorted by the bytes of their names. */
  readonly classNames?: readonly string[] | undefined;
  /** The extensions of images, in any case. Default: `.jpeg`, `.jpg` and `.png`. */
  readonly extensions?: readonly string[] | undefined;
}

interface FileLimit {
  readonly format: string;
  readonly maxRecordBytes: number;
  readonly file: InputFile | undefined;
}

type RecordOf<R> = (bytes: Uint8Array, file: InputFile) => R;

const limit = lazy(() => ({ maxRecordBytes: maxRecordBytesSchema() }));
const whole = {
  needsFileStart: () => 'each record is one file',
  isSeekable: false,
  isWholeFile: true,
} as const;

export const wholeFileFormat = defineFormat({
  name: 'WholeFile',
  reference: 'https://www.tensorflow.org/api_docs/python/tf/io/read_file',
  options: lazy(() => z.strictObject(limit())),
  readers: readersOf('WholeFile', (bytes, { path }): WholeFile => ({ bytes, path })),
  ...whole,
});

const names = lazy(() => z.array(z.string().min(1)).min(1));

export const imageFolderFormat = defineFormat({
  name: 'ImageFolder',
  reference: 'https://keras.io/api/data_loading/image/',
  options: lazy(() =>
    z.strictObject({
      ...limit(),
      classNames: names()
        .refine((each) => new Set(each).size === each.length, 'expected unique names, found the same name twice')
        .optional()
        .describe('The class folders in the order of the labels. Default: all folders, sorted by name.'),
      extensions: names()
        .default(['.jpeg', '.jpg', '.png'])
        .describe('The extensions of images. Default: .jpeg, .jpg and .png.'),
    }),
  ),
  readers: readersOf('ImageFolder', (image, { path, label = 0 }): LabelledImage => {
    return { image, label: ndarray('int32', [], Int32Array.of(label)), path };
  }),
  ...whole,
});

function readersOf<R>(format: string, recordOf: RecordOf<R>) {
  return ({ maxRecordBytes }: { readonly maxRecordBytes: number }) =>
    (_onBadRecord: unknown, _start: unknown, file?: InputFile) =>
      wholeFileReader(recordOf, { format, maxRecordBytes, file });
}

/** Joins the chunks of a file. A single chunk is not copied. */
function wholeFileReader<R>(
  recordOf: RecordOf<R>,
  { format, maxRecordBytes, file: listed }: FileLimit,
): FormatReader<R> {
  const chunks: Uint8Array[] = [];
  let byteLength = 0;
  return {
    push: (chunk) => {
      chunks.push(chunk);
      byteLength += chunk.length;
    },
    read: () => {
      if (byteLength <= maxRecordBytes) return undefined;
      const position = { kind: 'tooLarge', format, byteOffset: maxRecordBytes, recordIndex: 0 } as const;
      throw new FormatError(tooLargeMessage('it', maxRecordBytes), position);
    },
    end: () => {
      const [first] = chunks;
      const file = listed ?? (first && placeOf(first));
      if (!file) {
        if (!first) return undefined;
        const message = `decode${format}: the path of these bytes is unknown: use recordsFromFiles`;
        throw new ConfigError(message, { path: '' });
      }
      const bytes = first && chunks.length === 1 ? first : new Uint8Array(Buffer.concat(chunks));
      // So that errors of later operators name the file.
      if (!placeOf(bytes)) rememberCopy(bytes, { path: file.path, byteOffset: 0, lineNumber: undefined });
      return recordOf(bytes, file);
    },
  };
}
