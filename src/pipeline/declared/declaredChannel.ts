import type { Observable } from 'rxjs';
import { z } from 'zod';
import { decodeRecordIO } from '../../../operators/decodeRecordIO.js';
import { decodeTextLine } from '../../../operators/decodeTextLine.js';
import { decodeTFRecord } from '../../../operators/decodeTFRecord.js';
import { localPaths } from '../../base/localPath.js';
import { positiveInteger } from '../../base/parseOptions.js';
import type { ChannelOptions } from '../../sources/channel.js';
import { fileFields } from '../records/fileRecords.js';
import type { RecordDecoder } from '../records/recordFormat.js';
import { records } from '../records/records.js';
import { recordsFromFiles } from '../records/recordsFromFiles.js';

/** How a declared channel is read and decoded. */
export const declaredChannelSchema = z.strictObject({
  recordFormat: z.enum(['RecordIO', 'TFRecord', 'TextLine']).default('RecordIO'),
  multipart: z.enum(['concat', 'dmlc']).optional(),
  encoding: z.literal('utf8').optional(),
  carriageReturns: z.enum(['beforeNewline', 'all', 'keep']).optional(),
  maxRecordBytes: positiveInteger.optional(),
  files: localPaths.optional(),
  ...fileFields,
  openTimeoutMs: z.number().positive().optional(),
  idleTimeoutMs: z.number().positive().optional(),
  allowEmpty: z.boolean().optional(),
});

type ChannelSpec = z.output<typeof declaredChannelSchema>;

/** The records of a declared channel: of its files where it names some, else of the job's channel of that name. */
export function channelRecords(name: string, spec: ChannelSpec, options: ChannelOptions): Observable<unknown> {
  const { files, shuffleSeed, cycleLength, blockLength, openTimeoutMs, idleTimeoutMs, allowEmpty } = spec;
  const shared = { recordFormat: decoderOf(spec), shuffleSeed, cycleLength, blockLength };
  if (files !== undefined) return recordsFromFiles(files, { ...shared, signal: options.signal });
  return records(name, { ...shared, ...options, openTimeoutMs, idleTimeoutMs, allowEmpty });
}

function decoderOf(spec: ChannelSpec): RecordDecoder {
  const { recordFormat, multipart, encoding, carriageReturns, maxRecordBytes } = spec;
  switch (recordFormat) {
    case 'RecordIO':
      return decodeRecordIO({ multipart, maxRecordBytes });
    case 'TFRecord':
      return decodeTFRecord({ maxRecordBytes });
    case 'TextLine':
      return decodeTextLine({ encoding, carriageReturns, maxRecordBytes });
  }
}
