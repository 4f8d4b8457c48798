import { inspect } from 'node:util';
import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { decodeRecordIO } from '../../../operators/decodeRecordIO.js';
import { decodeTextLine } from '../../../operators/decodeTextLine.js';
import { decodeTFRecord } from '../../../operators/decodeTFRecord.js';
import type { KeyRemedy } from '../../base/describeIssue.js';

const DECODERS = { RecordIO: decodeRecordIO, TFRecord: decodeTFRecord, TextLine: decodeTextLine };

/** A format by its name, as Amazon's `PipeModeDataset` has it: `RecordIO`, `TFRecord` or `TextLine`. */
export type RecordFormat = keyof typeof DECODERS;

/** Any operator that makes records of bytes, such as `decodeTextLine({ encoding: 'utf8' })`. */
export type RecordDecoder<R = unknown> = OperatorFunction<Uint8Array, R>;

/** What records of a format are: bytes, or what its decoder makes of them. */
export type RecordsOf<F extends RecordFormat | RecordDecoder> = F extends RecordDecoder<infer R> ? R : Uint8Array;

/** Whether it is `decodeTFRecord` in place of `decodeTFRecord()`. */
function isUncalled(value: unknown): boolean {
  return Object.values<unknown>(DECODERS).includes(value);
}

/** The schema of a format by name, or a decoder. */
export const recordFormatSchema = z.union(
  [
    z.enum(Object.keys(DECODERS) as [RecordFormat, ...RecordFormat[]]),
    z.custom<RecordDecoder>((value) => typeof value === 'function' && !isUncalled(value)),
  ],
  {
    error: ({ input }) =>
      isUncalled(input)
        ? `expected a decoder, found the function that makes one: call it, as in ${(input as () => void).name}()`
        : `expected one of ${Object.keys(DECODERS).join(', ')}, or a decoder`,
  },
);

/** The decoder itself, or that of the name with its default options. */
export function decoderOf<F extends RecordFormat | RecordDecoder>(format: F): RecordDecoder<RecordsOf<F>> {
  const named: RecordFormat | RecordDecoder = format;
  const decoder = typeof named === 'function' ? named : DECODERS[named]();
  return decoder as RecordDecoder<RecordsOf<F>>;
}

const DECODER_OF_OPTION: Readonly<Record<string, RecordFormat>> = {
  encoding: 'TextLine',
  carriageReturns: 'TextLine',
  multipart: 'RecordIO',
  resync: 'RecordIO',
};

const OPTIONS_OF_ALL: readonly string[] = ['maxRecordBytes', 'onBadRecord', 'maxBadRecords'];

/** Returns the remedy for a decoder's option that was passed to the source of the records. */
export function decoderOptionRemedy(options: { readonly recordFormat?: unknown } | undefined): KeyRemedy {
  return (key, value) => {
    const named = Object.keys(DECODERS).find((format) => format === options?.recordFormat) as RecordFormat | undefined;
    const format =
      (Object.hasOwn(DECODER_OF_OPTION, key) ? DECODER_OF_OPTION[key] : undefined) ??
      (OPTIONS_OF_ALL.includes(key) ? (named ?? 'RecordIO') : undefined);
    if (format === undefined) return undefined;
    const shown = typeof value === 'function' ? '…' : inspect(value, { depth: 0, maxStringLength: 40 });
    return `it is an option of the decoder, as in recordFormat: ${DECODERS[format].name}({ ${key}: ${shown} })`;
  };
}
