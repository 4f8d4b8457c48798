import { z } from 'zod';
import type { FormatDefinition } from './framing/formatDefinition.js';
import { recordIOFormat } from './recordio/recordIOFormat.js';
import { textLineFormat } from './text/textLineFormat.js';
import type { TextLine, TextLineReaderOptions } from './text/textLineOptions.js';
import { tfRecordFormat } from './tfrecord/tfRecordFormat.js';

/** `O` is the type of the options. */
export interface RecordTypes<O> {
  RecordIO: Uint8Array;
  TFRecord: Uint8Array;
  TextLine: TextLine<O & TextLineReaderOptions>;
}

/** The name of a record format. RecordIO, TFRecord and TextLine are the formats of Amazon's `PipeModeDataset`. */
export type RecordFormat = keyof RecordTypes<unknown>;

/** To add a format, add a folder, a line here, and a line in {@link RecordTypes}. */
export const RECORD_FORMATS: { readonly [N in RecordFormat]: FormatDefinition<N> } = {
  RecordIO: recordIOFormat,
  TFRecord: tfRecordFormat,
  TextLine: textLineFormat,
};

export const DEFAULT_FORMAT = 'RecordIO';

export const formatNameSchema = z.enum(Object.keys(RECORD_FORMATS) as [RecordFormat, ...RecordFormat[]]);

export function formatsThatTake(option: string): RecordFormat[] {
  return formatNameSchema.options.filter((name) => Object.hasOwn(RECORD_FORMATS[name].options.shape, option));
}
