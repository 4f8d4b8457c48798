import { defineFormat } from '../framing/formatDefinition.js';
import { encodeTFRecord } from './encodeTFRecord.js';
import { tfRecordOptionsSchema, TFRecordReader } from './tfRecordReader.js';

export const tfRecordFormat = defineFormat({
  name: 'TFRecord',
  reference: 'https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details',
  options: tfRecordOptionsSchema,
  readers: (options) => (onBadRecord, start) => new TFRecordReader({ ...options, onBadRecord }, start),
  encode: encodeTFRecord,
});
