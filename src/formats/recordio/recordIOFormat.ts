import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { warn } from '../../base/warn.js';
import { defineFormat } from '../framing/formatDefinition.js';
import { maxRecordBytesSchema } from '../framing/recordLimits.js';
import { encodeRecordIO } from './encodeRecordIO.js';
import { multipartSchema } from './recordIOOptions.js';
import { recordIORoom, RecordIOReader } from './recordIOReader.js';

class RoomReader extends RecordIOReader {
  room(byteLength: number): Uint8Array | undefined {
    return recordIORoom(this, byteLength);
  }
}

const optionsSchema = lazy(() =>
  z.strictObject({
    multipart: multipartSchema().optional(),
    maxRecordBytes: maxRecordBytesSchema(),
    resync: z
      .boolean()
      .default(false)
      .describe(
        'If true, the decoder skips bytes that are not a record, and continues at the next magic word. Default: false.',
      ),
  }),
);

export const recordIOFormat = defineFormat({
  name: 'RecordIO',
  reference: 'https://mxnet.apache.org/versions/1.9.1/api/architecture/note_data_loading',
  options: optionsSchema,
  readers: ({ multipart, maxRecordBytes }) => {
    let isTold = multipart !== undefined;
    const onMultipart = (): void => {
      if (!isTold) warnOfParts();
      isTold = true;
    };
    return (onResync, start) => new RoomReader({ multipart, maxRecordBytes, onMultipart, onResync }, start);
  },
  encode: encodeRecordIO,
  skipsByDefault: ({ resync }) => resync,
});

function warnOfParts(): void {
  warn(
    'MILLRACE_MULTIPART',
    'decodeRecordIO found multi-part records, and joins the parts without a separator. If MXNet or dmlc-core ' +
      "wrote the files, 4 bytes are missing between the parts: set multipart: 'dmlc'. If other " +
      "software wrote the files, set multipart: 'concat'. This value only turns off this warning.",
  );
}
