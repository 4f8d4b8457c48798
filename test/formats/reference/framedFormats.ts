import type { OperatorFunction } from 'rxjs';
import { decodeRecordIO } from '../../../operators/decodeRecordIO.js';
import { decodeRecords } from '../../../operators/decodeRecords.js';
import { decodeTFRecord } from '../../../operators/decodeTFRecord.js';
import type { FormatError } from '../../../src/base/errors.js';
import { RecordIOReader } from '../../../src/formats/recordio/recordIOReader.js';
import type { RecordReader } from '../../../src/formats/framing/recordReader.js';
import type { TextLineReaderOptions } from '../../../src/formats/text/textLineOptions.js';
import { TextLineReader } from '../../../src/formats/text/textLineReader.js';
import { TFRecordReader } from '../../../src/formats/tfrecord/tfRecordReader.js';
import type { Draw } from '../../support/poisonedChunks.js';
import { readRecordIORecords, type RecordIORules } from './readRecordIORecords.js';
import { readTextLines, type TextLineRules } from './readTextLines.js';
import { readTFRecords, type TFRecordRules } from './readTFRecords.js';
import type { ReferenceOutcome } from './referenceOutcome.js';

/** Called for what a reader skips. */
export type OnSkipped = (error: FormatError, bytes: number) => void;

/** A format of consecutive records: its readers, and the reference reader. */
export interface FramedFormat<R> {
  readonly name: string;
  /** All ways to read the format with a limit for records. */
  readonly rules: (maxRecordBytes: number) => readonly R[];
  readonly reference: (input: Uint8Array, rules: R) => ReferenceOutcome<Uint8Array | string>;
  readonly createReader: (rules: R, onSkipped: OnSkipped) => RecordReader<Uint8Array | string>;
  readonly operator: (rules: R, onSkipped: OnSkipped) => OperatorFunction<Uint8Array, Uint8Array | string>;
}

/** Draws a limit. Some records exceed it, others are far below. */
export function drawMaxRecordBytes(draw: Draw): number {
  return draw(4) === 0 ? 1 + draw(40) : 64 * 1024;
}

export const TF_RECORD: FramedFormat<TFRecordRules> = {
  name: 'TFRecord',
  rules: (maxRecordBytes) => [false, true].map((skipsBadData) => ({ maxRecordBytes, skipsBadData })),
  reference: readTFRecords,
  createReader: ({ maxRecordBytes, skipsBadData }, onSkipped) =>
    new TFRecordReader({ maxRecordBytes, onBadRecord: skipsBadData ? onSkipped : undefined }),
  operator: ({ maxRecordBytes, skipsBadData }, onSkipped) =>
    decodeTFRecord({ maxRecordBytes, onBadRecord: skipsBadData ? told(onSkipped) : 'fail' }),
};

export const RECORD_IO: FramedFormat<RecordIORules> = {
  name: 'RecordIO',
  rules: (maxRecordBytes) =>
    (['concat', 'dmlc'] as const).flatMap((multipart) =>
      [false, true].map((resync) => ({ multipart, maxRecordBytes, resync })),
    ),
  reference: readRecordIORecords,
  createReader: ({ multipart, maxRecordBytes, resync }, onSkipped) =>
    new RecordIOReader({ multipart, maxRecordBytes, onResync: resync ? onSkipped : undefined }),
  operator: ({ multipart, maxRecordBytes, resync }, onSkipped) =>
    decodeRecordIO({ multipart, maxRecordBytes, resync, onBadRecord: resync ? told(onSkipped) : undefined }),
};

const textLineOptions = ({ isText, carriageReturns, maxRecordBytes }: TextLineRules): TextLineReaderOptions => {
  return { carriageReturns, maxRecordBytes, encoding: isText ? 'utf8' : undefined };
};

export const TEXT_LINE: FramedFormat<TextLineRules> = {
  name: 'TextLine',
  rules: (maxRecordBytes) =>
    (['beforeNewline', 'all', 'keep'] as const).flatMap((carriageReturns) =>
      [false, true].map((isText) => ({ isText, carriageReturns, maxRecordBytes })),
    ),
  reference: readTextLines,
  createReader: (rules) => new TextLineReader(textLineOptions(rules)),
  operator: (rules) => decodeRecords(() => new TextLineReader(textLineOptions(rules))),
};

/** Converts the arguments of an operator's `onBadRecord`. */
function told(onSkipped: OnSkipped): (error: unknown, counts: { bytes: number }) => 'skip' {
  let before = 0;
  return (error, { bytes }) => {
    onSkipped(error as FormatError, bytes - before);
    before = bytes;
    return 'skip';
  };
}
