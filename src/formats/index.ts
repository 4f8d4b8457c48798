export { crc32c } from './crc32c.js';
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
} from './csvParser.js';
export { decodeRaw, type DecodedRawDType, type DecodeRawDType, type DecodeRawOptions } from './decodeRaw.js';
export { encodeExample, type FeatureValues } from './encodeExample.js';
export { encodeManifestLine, type JsonValue } from './encodeManifestLine.js';
export { encodeRecordIO, encodeRecordIOParts } from './encodeRecordIO.js';
export { encodeRecordProtobuf, type RecordTensorValue, type RecordValues } from './encodeRecordProtobuf.js';
export { encodeSequenceExample, type SequenceExampleValues } from './encodeSequenceExample.js';
export { encodeTextLine } from './encodeTextLine.js';
export { encodeTFRecord } from './encodeTFRecord.js';
export { createExampleParser, type ExampleParser } from './exampleParser.js';
export {
  type DefaultValue,
  type Feature,
  type FeatureDType,
  type Features,
  fixedLenFeature,
  type FixedLenFeature,
  fixedLenSequenceFeature,
  type FixedLenSequenceFeature,
  type NarrowDType,
  type ParsedDType,
  type ParsedExample,
  type ParsedFeature,
  type ParsedSingleExample,
  type ParsedSingleFeature,
  raggedFeature,
  type RaggedFeature,
  type RawDType,
  rawFeature,
  type RawFeature,
  sparseFeature,
  type SparseFeature,
  varLenFeature,
  type VarLenFeature,
} from './features.js';
export type { RecordIOMultipart, RecordIOReaderOptions } from './recordIOOptions.js';
export { RecordIOReader } from './recordIOReader.js';
export type { RecordDType } from './recordProtobuf/recordLayout.js';
export {
  createRecordProtobufParser,
  type ParsedRecord,
  type ParsedRecordTensor,
  type RecordProtobufParser,
  type RecordTensor,
  type RecordTensors,
} from './recordProtobufParser.js';
export type { RecordReader } from './recordReader.js';
export {
  createSequenceExampleParser,
  type ParsedSequenceExample,
  type SequenceExampleParser,
  type SequenceFeature,
  type SequenceFeatures,
} from './sequenceExampleParser.js';
export {
  type CarriageReturns,
  type TextEncoding,
  type TextLine,
  TextLineReader,
  type TextLineReaderOptions,
} from './textLineReader.js';
export { TFRecordReader, type TFRecordReaderOptions } from './tfRecordReader.js';
