import type { Observable } from 'rxjs';
import { z } from 'zod';
import { decodeFormat } from '../../../operators/decodeRecords.js';
import { jsonBadRecordFields, type BadRecordChoice } from '../../../operators/shared/badRecords.js';
import type { KeyRemedy } from '../../base/describeIssue.js';
import { lazy } from '../../base/lazy.js';
import type { FormatDefinition } from '../../formats/framing/formatDefinition.js';
import { imageDecoder } from '../records/imageLabels.js';
import { DECLARED_FORMATS, DEFAULT_FORMAT, formatsThatTake, type DeclaredFormat } from '../../formats/recordFormats.js';
import { channelOptionsSchema, type ChannelOptions } from '../../sources/channel.js';
import type { Store } from '../../stores/store.js';
import { storeReadingFields } from '../../stores/storeBytes.js';
import type { ParquetOptions } from '../../formats/parquet/parquetTypes.js';
import { globalBatches } from '../lanes/globalBatches.js';
import { globalBatchesSchema, type Owner } from '../lanes/globalBatchesOptions.js';
import { parquetDecoder } from '../parquet/parquetDecoder.js';
import { patternsSchema } from '../records/chooseStore.js';
import { fileVersions, type DataFacts } from '../records/fileFacts.js';
import { fileFields } from '../records/fileRecords.js';
import { recordsOfJob } from '../records/records.js';
import { recordsOfPlaces } from '../records/recordsFromFiles.js';

/** Options of a channel of the job. The schemas have no defaults, so an option that is not set is `undefined`. */
const jobFields = lazy(() => {
  const { openTimeoutMs, idleTimeoutMs, allowEmpty } = channelOptionsSchema().shape;
  return {
    openTimeoutMs: openTimeoutMs.unwrap().optional(),
    idleTimeoutMs,
    allowEmpty: allowEmpty.unwrap().optional(),
  };
});

/** Options for reading objects of stores. These schemas have no defaults either. */
const storeFields = lazy(() => ({
  rangeBytes: storeReadingFields()
    .rangeBytes.unwrap()
    .optional()
    .describe('The size of the ranges in which objects of stores are read, in bytes. Default: 8388608 (8 MiB).'),
  concurrency: storeReadingFields()
    .concurrency.unwrap()
    .optional()
    .describe('The maximum number of ranges of an object that are requested or ready at the same time. Default: 4.'),
}));

/** The options of `globalBatches` that JSON can represent. The option `owner` comes from `ChannelReading`. */
const globalBatchesFields = lazy(() => {
  const { shape: laneOptions } = globalBatchesSchema();
  return z
    .strictObject({
      seed: laneOptions.seed.describe('The seed of the order, from 0 to 2^32 - 1.'),
      globalBatchSize: laneOptions.globalBatchSize.describe('The number of records of all hosts in one step.'),
      lanes: laneOptions.lanes.describe('The number of lanes, which is the maximum number of hosts.'),
      windowBlocks: laneOptions.windowBlocks
        .unwrap()
        .optional()
        .describe('The number of blocks that are shuffled together. Default: 4.'),
      dropRemainder: laneOptions.dropRemainder
        .unwrap()
        .optional()
        .describe('If true, leaves out the last records if there are too few for a batch. Default: false.'),
      index: z.string().min(1).optional().describe('The path or URL of the index that `millrace index` has written.'),
    })
    .optional()
    .describe(
      'Reads shuffled global batches. Emits for each batch an array with the records of this host, or a table of Parquet rows. Needs "files".',
    );
});

/** Options that `globalBatches` does not support, with their defaults. */
const ORDER_OPTIONS = { shuffleSeed: undefined, cycleLength: 1, rangeBytes: undefined, batchSize: undefined };

const sourceSchema = lazy(() =>
  z.strictObject({
    files: patternsSchema()
      .optional()
      .describe('The paths, URLs and patterns of the files to read instead of a channel of the job.'),
    ...fileFields(),
    ...storeFields(),
    ...jobFields(),
  }),
);

const NO_JOB =
  'add "files" (a path or a pattern) to the channel, or run the pipeline in a job, for example with `millrace local`.';

const RECORD_FORMAT = `The format of the records. Default: ${DEFAULT_FORMAT}.`;

export interface ParsedChannel<S> extends z.output<ReturnType<typeof sourceSchema>> {
  readonly globalBatches?: z.output<ReturnType<typeof globalBatchesFields>>;
  readonly recordFormat?: DeclaredFormat | undefined;
  readonly onBadRecord?: BadRecordChoice | undefined;
  readonly maxBadRecords?: number | undefined;
  readonly stages: S;
}

const keysOf = <T extends object>(fields: T) => Object.keys(fields) as (keyof T)[];

export function channelSchemaOf<S extends z.ZodType>(
  stages: S,
  formats: readonly FormatDefinition[] = Object.values(DECLARED_FORMATS),
): z.ZodType<ParsedChannel<z.output<S>>> {
  const kinds = formats.map(({ name, options, canSkip, isSeekable, isWholeFile }) => {
    const literal = z.literal(name);
    const recordFormat = (name === DEFAULT_FORMAT ? literal.optional() : literal).describe(RECORD_FORMAT);
    const own = stages.describe('The stages for the records of this channel only, before the channels are combined.');
    const badRecords = canSkip === true ? jsonBadRecordFields() : {};
    const hasBlocks = name === 'Parquet' || (isSeekable !== false && isWholeFile !== true);
    const lanes: object = hasBlocks ? { globalBatches: globalBatchesFields() } : {};
    return options().safeExtend({ ...sourceSchema().shape, ...badRecords, ...lanes, stages: own, recordFormat });
  });
  const union: z.ZodType<ParsedChannel<z.output<S>>> = z.discriminatedUnion('recordFormat', kinds as never);
  return union.superRefine((channel, context) => {
    const [options, reason] =
      channel.files === undefined
        ? [keysOf(storeFields()), 'without "files", because a channel of the job never reads from a store']
        : [keysOf(jobFields()), 'together with "files", because "files" replaces the channel of the job'];
    for (const option of options.filter((name) => channel[name] !== undefined)) {
      context.addIssue({ code: 'custom', path: [option], message: `has no effect ${reason}: remove this option` });
    }
    if (channel.globalBatches === undefined) return;
    for (const [option, unset] of Object.entries(ORDER_OPTIONS)) {
      if (channel[option as keyof typeof channel] === unset) continue;
      const message = 'has no effect together with "globalBatches": remove this option';
      context.addIssue({ code: 'custom', path: [option], message });
    }
    if (channel.files !== undefined) return;
    const message = 'needs "files", because a channel of the job cannot be read in this order';
    context.addIssue({ code: 'custom', path: ['globalBatches'], message });
  });
}

/** If the channel's format does not accept an option, lists the formats that accept it. */
export const formatOptionRemedy: KeyRemedy = (option, _value, path) => {
  const formats = path.length === 2 && path[0] === 'channels' ? formatsThatTake(option, DECLARED_FORMATS) : [];
  return formats.length === 0 ? undefined : `this option needs "recordFormat": "${formats.join('" or "')}"`;
};

export interface ChannelReading extends ChannelOptions {
  readonly store?: Store | readonly Store[] | undefined;
  /** The host whose part of each global batch is read. */
  readonly owner?: Owner | undefined;
}

/** Reads the files of a declared channel. Without `files`, reads the job's channel with the same name. */
export function channelRecords(
  name: string,
  channel: Omit<ParsedChannel<unknown>, 'stages'>,
  { store, owner, ...options }: ChannelReading,
): { readonly records$: Observable<unknown>; readonly data: () => Promise<DataFacts> } {
  const {
    files,
    openTimeoutMs,
    idleTimeoutMs,
    allowEmpty,
    rangeBytes,
    concurrency,
    globalBatches: lanes,
    ...rest
  } = channel;
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
    const data = async (): Promise<DataFacts> => ({ files: await fileVersions(await list()) });
    if (!lanes) return { records$, data };
    const { signal } = options;
    const requests = concurrency === 'auto' ? undefined : concurrency;
    const own = { ...lanes, recordFormat, include, exclude, store, signal, owner, concurrency: requests };
    const parts$ = globalBatches(files, own);
    return { records$: parts$, data: async () => ({ ...(await data()), facts: { owner } }) };
  }
  return recordsOfJob(name, { ...shared, ...options, openTimeoutMs, idleTimeoutMs, allowEmpty }, NO_JOB);
}
