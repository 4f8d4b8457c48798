import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import type { FormatDefinition, WritableFormat } from './framing/formatDefinition.js';
import { parquetFormat } from './parquet/parquetFormat.js';
import type { ParquetItem } from './parquet/parquetTypes.js';
import { recordIOFormat } from './recordio/recordIOFormat.js';
import { tableFormat } from './table/tableFormat.js';
import type { TableItem } from './table/tableTypes.js';
import { textLineFormat } from './text/textLineFormat.js';
import type { TextLine, TextLineReaderOptions } from './text/textLineOptions.js';
import { tfRecordFormat } from './tfrecord/tfRecordFormat.js';
import { imageFolderFormat, wholeFileFormat, type LabelledImage, type WholeFile } from './wholeFile/wholeFileFormat.js';

/** The record type of each format. `O` is the type of the options. */
export interface RecordTypes<O> {
  RecordIO: Uint8Array;
  TFRecord: Uint8Array;
  TextLine: TextLine<O & TextLineReaderOptions>;
  WholeFile: WholeFile;
}

/** The name of a record format: WholeFile, or a format of Amazon's `PipeModeDataset`. */
export type RecordFormat = keyof RecordTypes<unknown>;

/** The formats that {@link writeRecords} can write. */
export type WritableRecordFormat = Exclude<RecordFormat, 'WholeFile'>;

/** Add each new format to {@link RecordTypes}, and either here or to {@link RECORD_FORMATS}. */
export const WRITABLE_FORMATS: { readonly [N in WritableRecordFormat]: WritableFormat<N> } = {
  RecordIO: recordIOFormat,
  TFRecord: tfRecordFormat,
  TextLine: textLineFormat,
};

export const RECORD_FORMATS: { readonly [N in RecordFormat]: FormatDefinition<N> } = {
  ...WRITABLE_FORMATS,
  WholeFile: wholeFileFormat,
};

/** The item type of each format in JSON declarations. */
export interface DeclaredTypes<O> extends RecordTypes<O> {
  Table: TableItem<O>;
  Parquet: ParquetItem<O>;
  ImageFolder: LabelledImage;
}

export type DeclaredFormat = keyof DeclaredTypes<unknown>;

export const DECLARED_FORMATS: { readonly [N in DeclaredFormat]: FormatDefinition<N> } = {
  ...RECORD_FORMATS,
  Table: tableFormat,
  Parquet: parquetFormat,
  ImageFolder: imageFolderFormat,
};

export const DEFAULT_FORMAT = 'RecordIO';

export const formatNameSchema = lazy(() => z.enum(Object.keys(RECORD_FORMATS) as [RecordFormat, ...RecordFormat[]]));

export const writableNameSchema = lazy(() =>
  z.enum(Object.keys(WRITABLE_FORMATS) as [WritableRecordFormat, ...WritableRecordFormat[]]),
);

export function formatsThatTake<N extends DeclaredFormat>(
  option: string,
  formats: { readonly [K in N]: FormatDefinition<K> },
): N[] {
  return (Object.keys(formats) as N[]).filter((name) => Object.hasOwn(formats[name].options().shape, option));
}
