import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { abortSignal, seedOption } from '../../base/optionFields.js';
import { positiveInteger } from '../../base/parseOptions.js';
import type { RecordFormat } from '../../formats/recordFormats.js';
import type { Store } from '../../stores/store.js';
import { DEFAULT_READING } from '../../stores/storeBytes.js';
import { patternsSchema, storeOption } from '../records/chooseStore.js';
import { filterFields, type FileFilterOptions } from '../records/fileFilter.js';
import { recordFormatSchema, type RecordDecoder, type RecordsOf, type RowDecoder } from '../records/recordFormat.js';
import { datasetIndexSchema, type DatasetIndex } from './datasetIndex.js';

/** The number of owners, and the index of one of them, from 0. */
export interface Owner {
  readonly count: number;
  readonly index: number;
}

/** An owner's part of a global batch: an array of records, or a table of rows. */
export type GlobalBatchPart<F extends RecordFormat | RecordDecoder> =
  F extends RowDecoder<infer T> ? T : RecordsOf<F>[];

/** Options of {@link globalBatches}. */
export interface GlobalBatchesOptions<F extends RecordFormat | RecordDecoder> extends FileFilterOptions {
  /** The format of the records: TFRecord, RecordIO or TextLine, one of their decoders, or `parquetRows()`. */
  readonly recordFormat: F;
  /** The order of the records depends only on this seed (0 to 2^32 - 1), on the epoch number, and on the options. */
  readonly seed: number;
  /** The number of records of all owners in one step. */
  readonly globalBatchSize: number;
  /**
   * The number of lanes (equal parts of an epoch), which is the maximum number of owners. Use an index with at least 20
   * blocks for each lane.
   */
  readonly lanes: number;
  /** The number of blocks of a lane whose records are shuffled together. Default: 4. */
  readonly windowBlocks?: number | undefined;
  /** The number of owners (hosts or threads), and the index of this owner, from 0. Default: one owner. See `hostOf`. */
  readonly owner?: Owner | undefined;
  /**
   * The index of the files, or the path or URL of the index that `millrace index` has written. Default: the first
   * subscription indexes the files, which reads all their bytes.
   */
  readonly index?: DatasetIndex | string | undefined;
  /** If true, the last records of an epoch are left out if they do not fill a global batch. Default: false. */
  readonly dropRemainder?: boolean | undefined;
  /** The stores of the URLs, as in `recordsFromFiles`. */
  readonly store?: Store | readonly Store[] | undefined;
  /** The maximum number of blocks that are requested at the same time. Default: 4. */
  readonly concurrency?: number | undefined;
  /** If the signal is aborted, the Observable fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Not strict, because the result of `hostOf()` has other properties too. */
export const ownerSchema = lazy(() =>
  z.object({ count: positiveInteger(), index: z.int().nonnegative() }).refine(({ count, index }) => index < count, {
    path: ['index'],
    error: 'expected an index less than count',
  }),
);

export const globalBatchesSchema = lazy(() =>
  z
    .strictObject({
      patterns: patternsSchema(),
      recordFormat: recordFormatSchema(),
      ...filterFields(),
      seed: seedOption(),
      globalBatchSize: positiveInteger(),
      lanes: positiveInteger().max(65_536),
      windowBlocks: positiveInteger().default(4),
      owner: ownerSchema().default({ count: 1, index: 0 }),
      index: z.union([z.string().min(1), datasetIndexSchema()]).optional(),
      dropRemainder: z.boolean().default(false),
      store: storeOption().optional(),
      concurrency: positiveInteger().default(DEFAULT_READING.concurrency),
      signal: abortSignal().optional(),
    })
    .refine(({ owner, lanes }) => owner.count <= lanes, {
      path: ['lanes'],
      error:
        'expected at least as many lanes as owners (owner.count). The order of the records depends on the number of lanes',
    }),
);
