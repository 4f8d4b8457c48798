import { z } from 'zod';
import type { FormatDefinition } from './framing/formatDefinition.js';
import { recordIOFormat } from './recordio/recordIOFormat.js';
import { textLineFormat } from './text/textLineFormat.js';
import type { TextLine, TextLineReaderOptions } from './text/textLineReader.js';
import { tfRecordFormat } from './tfrecord/tfRecordFormat.js';

/** The type of each format's records, read with options `O`. */
export interface RecordTypes<O> {
  RecordIO: Uint8Array;
  TFRecord: Uint8Array;
  TextLine: TextLine<O & TextLineReaderOptions>;
}

/** The name of a format. The first three are those of Amazon's `PipeModeDataset`. */
export type RecordFormat = keyof RecordTypes<unknown>;

/** All formats. A new format is a folder beside this file, and a line here and in {@link RecordTypes}. */
export const RECORD_FORMATS: { readonly [N in RecordFormat]: FormatDefinition<N> } = {
  RecordIO: recordIOFormat,
  TFRecord: tfRecordFormat,
  TextLine: textLineFormat,
};

/** The default format, as in `PipeModeDataset`. */
export const DEFAULT_FORMAT = 'RecordIO';

export const formatNameSchema = z.enum(Object.keys(RECORD_FORMATS) as [RecordFormat, ...RecordFormat[]]);

export function formatsThatTake(option: string): RecordFormat[] {
  return formatNameSchema.options.filter((name) => Object.hasOwn(RECORD_FORMATS[name].options.shape, option));
}
