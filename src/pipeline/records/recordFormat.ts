import { inspect } from 'node:util';
import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { decodeFormat } from '../../../operators/decodeRecords.js';
import { badRecordFields } from '../../../operators/shared/badRecords.js';
import type { KeyRemedy } from '../../base/describeIssue.js';
import { ConfigError } from '../../base/errors.js';
import { parseOptions } from '../../base/parseOptions.js';
import type { FormatDefinition } from '../../formats/framing/formatDefinition.js';
import {
  formatNameSchema,
  formatsThatTake,
  RECORD_FORMATS,
  type RecordFormat,
  type RecordTypes,
} from '../../formats/recordFormats.js';

/** An operator that decodes bytes to records, such as `decodeTextLine({ encoding: 'utf8' })`. */
export type RecordDecoder<R = unknown> = OperatorFunction<Uint8Array, R>;

/** A decoder, made by `parquetRows`, with which {@link globalBatches} reads tables of rows. */
export interface RowDecoder<T = unknown> extends RecordDecoder<T> {
  readonly rowFormat: 'Parquet';
}

/** The record type of a format or decoder. */
export type RecordsOf<F extends RecordFormat | RecordDecoder> =
  F extends RecordDecoder<infer R> ? R : F extends RecordFormat ? RecordTypes<object>[F] : never;

const decoderName = (format: string): string => `decode${format}`;

/**
 * Returns true for `decodeTFRecord`, false for `decodeTFRecord()`. Only decoders have a parameter without a default.
 * The functions that make decoders have defaults for all parameters.
 */
function isUncalled(value: unknown): value is () => void {
  if (typeof value !== 'function' || value.length > 0) return false;
  return formatNameSchema().options.map(decoderName).includes(value.name);
}

/** The formats that only declarations can name, and the remedy in code. */
const IN_CODE: Readonly<Record<string, string>> = {
  Table: 'write recordFormat: decodeTable({ batchSize: 64 })',
  Parquet: 'call fromParquet(patterns), or write recordFormat: parquetRows(), both of millrace/parquet',
  ImageFolder: 'call imageFolder(folder)',
};

export const recordFormatSchema = lazy(() =>
  z.union([formatNameSchema(), z.custom<RecordDecoder>((value) => typeof value === 'function' && !isUncalled(value))], {
    error: ({ input }) => {
      if (isUncalled(input)) {
        return `expected a decoder, found the function ${input.name}: call the function, as in ${input.name}()`;
      }
      const expected = `expected one of ${formatNameSchema().options.join(', ')}, or a decoder`;
      const remedy = typeof input === 'string' && Object.hasOwn(IN_CODE, input) ? IN_CODE[input] : undefined;
      return remedy === undefined ? expected : `${expected}, found "${String(input)}": ${remedy}`;
    },
  }),
);

/**
 * Returns the decoder of a format with default options.
 *
 * @throws ConfigError if the format has an option without a default.
 */
export function decoderByName<R>(what: string, format: FormatDefinition<string, R>): RecordDecoder<R> {
  const needed = Object.entries(format.options().shape).flatMap(([key, field]) => {
    return (field as z.ZodType).safeParse(undefined).success ? [] : [key];
  });
  if (needed.length === 0) return decodeFormat(format, format.options().parse({}));
  const example = `${decoderName(format.name)}({ ${needed.map((key) => `${key}: …`).join(', ')} })`;
  const message = `${format.name} has no default for ${needed.join(' and ')}: write recordFormat: ${example}`;
  throw new ConfigError(`${what}: recordFormat: ${message}`, { path: 'recordFormat' });
}

/**
 * Validates the options of a source of records, and creates the decoder.
 *
 * @throws ConfigError if an option is invalid. For an option of the decoder, the message shows how to pass this option
 *   to the decoder.
 */
export function parseRecordOptions<S extends z.ZodType<{ readonly recordFormat: RecordFormat | RecordDecoder }>>(
  what: string,
  schema: S,
  options: object,
): { readonly checked: Omit<z.output<S>, 'recordFormat'>; readonly decoder: RecordDecoder } {
  const { recordFormat, ...checked } = parseOptions(what, schema, options, {
    remedyOfKey: decoderOptionRemedy(options),
  });
  const decoder = typeof recordFormat === 'function' ? recordFormat : decoderByName(what, RECORD_FORMATS[recordFormat]);
  return { checked, decoder };
}

function decoderOptionRemedy(options: { readonly recordFormat?: unknown } | undefined): KeyRemedy {
  return (key, value) => {
    const isOfBadRecords = Object.hasOwn(badRecordFields(), key);
    const formats = isOfBadRecords ? formatNameSchema().options : formatsThatTake(key, RECORD_FORMATS);
    const format = formats.find((name) => name === options?.recordFormat) ?? formats[0];
    if (format === undefined) return undefined;
    const shown = typeof value === 'function' ? '…' : inspect(value, { depth: 0, maxStringLength: 40 });
    return `this option belongs to the decoder, as in recordFormat: ${decoderName(format)}({ ${key}: ${shown} })`;
  };
}
