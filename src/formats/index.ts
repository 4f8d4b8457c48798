/**
 * Readers, writers and parsers of the record formats. They do not use RxJS.
 *
 * @module millrace/formats
 */
export { crc32c } from './crc32c/crc32c.js';
export type { CsvDType } from './csv/csvValue.js';
export {
  createCsvParser,
  type CsvColumn,
  type CsvColumns,
  type CsvLine,
  type CsvParser,
  type CsvParserOptions,
  type ParsedCsv,
  type ParsedCsvDType,
} from './csv/csvParser.js';
export { decodeRaw, type DecodeRawOptions } from './decodeRaw.js';
export type { DecodedRawDType, DecodeRawDType } from './storedNumbers.js';
export { encodeExample, type FeatureValues } from './example/encodeExample.js';
export { encodeImageRecord, type ImageRecord } from './imageRecord/imageRecord.js';
export { encodeManifestLine, type JsonValue } from './encodeManifestLine.js';
export { encodeRecordIO, encodeRecordIOParts } from './recordio/encodeRecordIO.js';
export {
  encodeRecordProtobuf,
  type RecordTensorValue,
  type RecordValues,
} from './recordProtobuf/encodeRecordProtobuf.js';
export { encodeSequenceExample, type SequenceExampleValues } from './example/encodeSequenceExample.js';
export { encodeTextLine } from './text/encodeTextLine.js';
export { encodeTFRecord } from './tfrecord/encodeTFRecord.js';
export { createExampleListParser, type ExampleListParser } from './example/exampleListParser.js';
export type { ExampleListFeatures, ParsedExampleList, ParsedExampleLists } from './example/parsedExampleLists.js';
export { createExampleParser, type ExampleParser } from './example/exampleParser.js';
export {
  type DefaultValue,
  type Feature,
  type FeatureDType,
  type Features,
  fixedLenFeature,
  type FixedLenFeature,
  fixedLenSequenceFeature,
  type FixedLenSequenceFeature,
  raggedFeature,
  type RaggedFeature,
  rawFeature,
  type RawFeature,
  sparseFeature,
  type SparseFeature,
  tensorFeature,
  type TensorFeature,
  varLenFeature,
  type VarLenFeature,
} from './example/features.js';
export type {
  ParsedDType,
  ParsedExample,
  ParsedFeature,
  ParsedSingleExample,
  ParsedSingleFeature,
} from './example/parsedFeatures.js';
export type { Partition } from './example/partitionLimits.js';
export type { NarrowDType } from './protobuf/narrowValues.js';
export type { RawDType } from '../arrays/ndarray.js';
export type { RecordIOMultipart, RecordIOReaderOptions } from './recordio/recordIOOptions.js';
export { RecordIOReader } from './recordio/recordIOReader.js';
export type { RecordDType } from './recordProtobuf/recordLayout.js';
export {
  createRecordProtobufParser,
  type ParsedRecord,
  type ParsedRecordTensor,
  type RecordProtobufParser,
  type RecordTensor,
  type RecordTensors,
} from './recordProtobuf/recordProtobufParser.js';
export type { ReaderPosition } from '../base/readerPosition.js';
export type { RecordReader } from './framing/recordReader.js';
export { createSequenceExampleParser, type SequenceExampleParser } from './example/sequenceExampleParser.js';
export type { SequenceFeature, SequenceFeatures } from './example/parsedSequences.js';
export { parseTensor, type ParsedTensorDType } from './tensorProto/parseTensor.js';
export type { ParseTensorDType } from './tensorProto/tensorLayout.js';
export type { ParsedSequenceExample, ParsedSequenceExamples, ParsedParts } from './example/parsedSequences.js';
export type { Table } from './table/rowReader.js';
export type { TableDType } from './table/tableDType.js';
export type { TableColumn, TableColumns, TableOptions } from './table/tableOptions.js';
export type { LabelledTable, TableOf } from './table/tableTypes.js';
export type { CarriageReturns, TextEncoding, TextLine, TextLineReaderOptions } from './text/textLineOptions.js';
export { TextLineReader } from './text/textLineReader.js';
export { TFRecordReader, type TFRecordReaderOptions } from './tfrecord/tfRecordReader.js';
