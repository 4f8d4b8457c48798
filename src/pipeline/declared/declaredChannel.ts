import type { Observable } from 'rxjs';
import { z } from 'zod';
import { decodeFormat } from '../../../operators/decodeRecords.js';
import { jsonBadRecordFields, type BadRecordChoice } from '../../../operators/shared/badRecords.js';
import type { KeyRemedy } from '../../base/describeIssue.js';
import type { FormatDefinition } from '../../formats/framing/formatDefinition.js';
import { imageDecoder } from '../records/imageLabels.js';
import { DECLARED_FORMATS, DEFAULT_FORMAT, formatsThatTake, type DeclaredFormat } from '../../formats/recordFormats.js';
import { channelOptionsSchema, type ChannelOptions } from '../../sources/channel.js';
import type { Store } from '../../stores/store.js';
import { storeReadingFields } from '../../stores/storeBytes.js';
import type { ParquetOptions } from '../../formats/parquet/parquetTypes.js';
import { parquetDecoder } from '../parquet/parquetDecoder.js';
import { patternsSchema } from '../records/chooseStore.js';
import { fileVersions, type DataFacts } from '../records/fileFacts.js';
import { fileFields } from '../records/fileRecords.js';
import { recordsOfJob } from '../records/records.js';
import { recordsOfPlaces } from '../records/recordsFromFiles.js';

const { openTimeoutMs, idleTimeoutMs, allowEmpty } = channelOptionsSchema.shape;

/** Options of a channel of the job. The schemas have no defaults, so an option that is not set is `undefined`. */
const jobFields = {
  openTimeoutMs: openTimeoutMs.unwrap().optional(),
  idleTimeoutMs,
  allowEmpty: allowEmpty.unwrap().optional(),
};
const JOB_OPTIONS = Object.keys(jobFields) as (keyof typeof jobFields)[];

/** Options for reading objects of stores. These schemas have no defaults either. */
const storeFields = {
  rangeBytes: storeReadingFields.rangeBytes
    .unwrap()
    .optional()
    .describe('The size of the ranges in which objects of stores are read, in bytes. Default: 8388608 (8 MiB).'),
  concurrency: storeReadingFields.concurrency
    .unwrap()
    .optional()
    .describe('The maximum number of ranges of an object that are requested or ready at the same time. Default: 4.'),
};
const STORE_OPTIONS = Object.keys(storeFields) as (keyof typeof storeFields)[];

const sourceSchema = z.strictObject({
  files: patternsSchema
    .optional()
    .describe('The paths, URLs and patterns of the files to read instead of a channel of the job.'),
  ...fileFields,
  ...storeFields,
  ...jobFields,
});

const NO_JOB =
  'add "files" (a path or a pattern) to the channel, or run the pipeline in a job, for example with `millrace local`.';

const RECORD_FORMAT = `The format of the records. Default: ${DEFAULT_FORMAT}.`;

export interface ParsedChannel<S> extends z.output<typeof sourceSchema> {
  readonly recordFormat?: DeclaredFormat | undefined;
  readonly onBadRecord?: BadRecordChoice | undefined;
  readonly maxBadRecords?: number | undefined;
  readonly stages: S;
}

export function channelSchemaOf<S extends z.ZodType>(
  stages: S,
  formats: readonly FormatDefinition[] = Object.values(DECLARED_FORMATS),
): z.ZodType<ParsedChannel<z.output<S>>> {
  const kinds = formats.map(({ name, options, canSkip }) => {
    const literal = z.literal(name);
    const recordFormat = (name === DEFAULT_FORMAT ? literal.optional() : literal).describe(RECORD_FORMAT);
    const own = stages.describe('The stages for the records of this channel only, before the channels are combined.');
    const badRecords = canSkip === true ? jsonBadRecordFields : {};
    return options.safeExtend({ ...sourceSchema.shape, ...badRecords, stages: own, recordFormat });
  });
  const union: z.ZodType<ParsedChannel<z.output<S>>> = z.discriminatedUnion('recordFormat', kinds as never);
  return union.superRefine((channel, context) => {
    const [options, reason] =
      channel.files === undefined
        ? [STORE_OPTIONS, 'without "files", because a channel of the job never reads from a store']
        : [JOB_OPTIONS, 'together with "files", because "files" replaces the channel of the job'];
    for (const option of options.filter((name) => channel[name] !== undefined)) {
      context.addIssue({ code: 'custom', path: [option], message: `has no effect ${reason}: remove this option` });
    }
  });
}

/** For an option that the channel's format does not accept, names the formats that accept the option. */
export const formatOptionRemedy: KeyRemedy = (option, _value, path) => {
  const formats = path.length === 2 && path[0] === 'channels' ? formatsThatTake(option, DECLARED_FORMATS) : [];
  return formats.length === 0 ? undefined : `this option needs "recordFormat": "${formats.join('" or "')}"`;
};

/**
 * Reads the files of a declared channel. If the declaration has no `files`, reads the job's channel with the same name.
 */
export function channelRecords(
  name: string,
  channel: Omit<ParsedChannel<unknown>, 'stages'>,
  { store, ...options }: ChannelOptions & { readonly store?: Store | readonly Store[] | undefined },
): { readonly records$: Observable<unknown>; readonly data: () => Promise<DataFacts> } {
  const { files, openTimeoutMs, idleTimeoutMs, allowEmpty, rangeBytes, concurrency, ...rest } = channel;
  const { include, exclude, shuffleSeed, cycleLength, blockLength, compression, ...others } = rest;
  const { recordFormat: format = DEFAULT_FORMAT, onBadRecord, maxBadRecords, ...decoderOptions } = others;
  const badRecords = { onBadRecord, maxBadRecords };
  const recordFormat =
    format === 'ImageFolder'
      ? imageDecoder(decoderOptions as never)
      : format === 'Parquet'
        ? parquetDecoder({ ...(decoderOptions as ParquetOptions), ...badRecords })
        : decodeFormat(DECLARED_FORMATS[format], decoderOptions, badRecords);
  const shared = { recordFormat, include, exclude, shuffleSeed, cycleLength, blockLength, compression };
  if (files !== undefined) {
    const reading = { ...shared, store, rangeBytes, concurrency, signal: options.signal };
    const { records$, list } = recordsOfPlaces(files, reading, { argument: 'files', network: 'if given' });
    return { records$, data: async () => ({ files: await fileVersions(await list()) }) };
  }
  return recordsOfJob(name, { ...shared, ...options, openTimeoutMs, idleTimeoutMs, allowEmpty }, NO_JOB);
}
