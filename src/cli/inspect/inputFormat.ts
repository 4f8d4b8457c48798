import { FormatError } from '../../base/errors.js';
import { ByteBuilder } from '../../formats/framing/byteBuilder.js';
import { imageSize } from '../../formats/imageSize.js';
import { WRITABLE_FORMATS, type WritableRecordFormat } from '../../formats/recordFormats.js';
import { RecordIOReader } from '../../formats/recordio/recordIOReader.js';
import type { RecordReader } from '../../formats/framing/recordReader.js';
import { sniffRecords } from '../../formats/framing/sniffRecords.js';
import { HEADER_BYTES } from '../../formats/tfrecord/tfRecordLayout.js';
import { foreignFormat, isText, NO_FORMAT } from './foreignFormat.js';

/** `image`: the file is one image. */
export type InputFormat = WritableRecordFormat | 'image';

export const SNIFFED_BYTES = HEADER_BYTES;

const TEXT_SAMPLE_BYTES = 4096;
const MAX_IMAGE_BYTES = 2 ** 28;

/** @throws FormatError if millrace cannot read the format. If the format is known, the message names it. */
export function sniffFormat(head: Uint8Array): InputFormat {
  const records = sniffRecords(head);
  if (records) return records;
  if (imageSize(head)) return 'image';
  const sample = head.subarray(0, TEXT_SAMPLE_BYTES);
  if (isText(sample)) return 'TextLine';
  const position = { kind: 'malformed', format: 'inspect', byteOffset: 0, recordIndex: 0 } as const;
  throw new FormatError(foreignFormat(sample) ?? NO_FORMAT, position);
}

export function openReader(format: InputFormat, onMultipart: () => void): RecordReader {
  if (format === 'RecordIO') return new RecordIOReader({ onMultipart });
  if (format === 'image') return wholeReader();
  const { options, readers } = WRITABLE_FORMATS[format];
  return readers(options().parse({}) as never)() as RecordReader;
}

function wholeReader(): RecordReader {
  const bytes = new ByteBuilder(MAX_IMAGE_BYTES);
  return {
    push: (chunk) => {
      if (bytes.length + chunk.length <= MAX_IMAGE_BYTES) bytes.append(chunk);
    },
    read: () => undefined,
    end: () => bytes.take(),
  };
}
