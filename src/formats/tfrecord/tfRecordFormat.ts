import type { RecordSpan } from '../../base/recordSpan.js';
import { defineFormat } from '../framing/formatDefinition.js';
import { encodeTFRecord } from './encodeTFRecord.js';
import { readTFRecordSpan, tfRecordOptionsSchema, TFRecordReader, tfRecordRoom } from './tfRecordReader.js';

class SpanReader extends TFRecordReader {
  readSpan(span: RecordSpan): boolean {
    return readTFRecordSpan(this, span);
  }

  room(byteLength: number): Uint8Array | undefined {
    return tfRecordRoom(this, byteLength);
  }
}

export const tfRecordFormat = defineFormat({
  name: 'TFRecord',
  reference: 'https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details',
  options: tfRecordOptionsSchema,
  readers: (options) => (onBadRecord, start) => new SpanReader({ ...options, onBadRecord }, start),
  encode: encodeTFRecord,
});
