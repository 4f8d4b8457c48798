import type { Observable } from 'rxjs';
import type { z } from 'zod';
import { ChannelError, ConfigError } from '../../base/errors.js';
import { requireOptions } from '../../base/parseOptions.js';
import { pullSource, type Puller } from '../../demand/pullSource.js';
import type { RecordFormat } from '../../formats/recordFormats.js';
import type { InputPosition } from '../../resume/inputPosition.js';
import { withPass } from '../../resume/pass.js';
import { abortable } from '../../sources/abortable.js';
import { shownUrl } from '../../stores/objectErrors.js';
import { unlessFilesWritten } from '../records/fileRecords.js';
import { parseRecordOptions, type RecordDecoder } from '../records/recordFormat.js';
import { blockFilesOf, type BlockFile } from './blockFiles.js';
import { requireBlocks, type BlockFormat } from './blockFormat.js';
import { BlockTable, changed } from './blockTable.js';
import { globalBatchesSchema, type GlobalBatchesOptions, type GlobalBatchPart } from './globalBatchesOptions.js';
import { indexRecords } from './indexRecords.js';
import { loadIndex, requireIndexPlace } from './loadIndex.js';
import { changeOf, type DatasetIndex } from './datasetIndex.js';
import { LaneMemory } from './laneRecords.js';
import { StepReader } from './stepReader.js';

type ListBlockFiles = (signal: AbortSignal) => Promise<readonly BlockFile[]>;

const NAME = 'globalBatches';

interface Settings extends Omit<z.output<ReturnType<typeof globalBatchesSchema>>, 'recordFormat'> {
  readonly decoder: RecordDecoder;
  readonly format: BlockFormat;
}

/**
 * Reads shuffled records as global batches, which are the same for any number of hosts or threads.
 *
 * ```ts
 * import { globalBatches, hostOf } from 'millrace';
 * import { repeat } from 'rxjs';
 *
 * const batches$ = globalBatches('data/train-*.tfrecord', {
 *   recordFormat: 'TFRecord',
 *   index: 'train.index.json',
 *   seed: 7,
 *   globalBatchSize: 256,
 *   lanes: 16,
 *   owner: hostOf(),
 * }).pipe(repeat(10)); // arrays of 128 records on two hosts
 * ```
 *
 * An owner is a host or thread that trains on its part of each global batch. Emits one array of records for each step:
 * the owner's part. The parts of owner 0, owner 1 and so on, one after the other, are the global batch. Each record is
 * in one global batch of an epoch. With `parquetRows`, emits one table of the rows in place of each array. All owners emit the same number of arrays. A part contains equally many records from
 * each lane of the owner, or one more record from some lanes. A part can be empty if `globalBatchSize` is less than `lanes`.
 *
 * In each epoch, the blocks of the files are shuffled and divided into lanes of equal size, one or more for each owner.
 * A window consists of `windowBlocks` blocks of a lane, and its records are shuffled. The order depends on the index,
 * `recordFormat`, `seed`, `globalBatchSize`, `lanes` and `windowBlocks`. Each subscription is one epoch, with a new
 * order. See `docs/guides/global-batches.md`.
 *
 * With a downstream `resumable({ recordsPerItem: 1 })`, a resumed epoch does not read the windows of earlier steps. The
 * cursor is the same on all hosts, and a job can resume with a different number of hosts or of threads of `inWorker`.
 *
 * Reads only the blocks of the owner's lanes. Memory: a window for each lane of the owner, one more window, the
 * requested blocks, and 18 bytes for each record in these windows. Epochs reuse this memory. Emitted records are
 * copies, which share memory in groups of up to about 1 MiB.
 *
 * Throws a ConfigError at the call if an argument is invalid. The Observable fails with a ConfigError if `index` is not
 * an index, with a ChannelError (`ERR_CHANNEL_CHANGED`) if the files have changed since they were indexed, with a
 * ChannelError (`ERR_CHANNEL_EMPTY`) if there is no record, and with the errors of `indexRecords` and of the stores.
 * Unsubscribing aborts the requests.
 *
 * @param patterns - as in `recordsFromFiles`.
 */
export function globalBatches<const F extends RecordFormat | RecordDecoder>(
  patterns: string | readonly string[],
  options: GlobalBatchesOptions<F>,
): Observable<GlobalBatchPart<F>> {
  requireOptions(NAME, options, "{ recordFormat: 'TFRecord', seed: 7, globalBatchSize: 256, lanes: 16 }");
  const { checked, decoder } = parseRecordOptions(NAME, globalBatchesSchema(), { ...options, patterns });
  const { store, include, exclude, signal } = checked;
  const settings: Settings = { ...checked, decoder, format: requireBlocks(NAME, decoder) };
  if (typeof checked.index === 'string') requireIndexPlace(NAME, checked.index, store);
  const listFiles = blockFilesOf(NAME, { patterns, store, include, exclude });
  const findTable = tableFinder(settings);
  let epoch = 0;
  let shared = new WeakRef(new LaneMemory());
  /** All epochs use this memory. The garbage collector may free it between two epochs. */
  const memory = (): LaneMemory => {
    const known = shared.deref() ?? new LaneMemory();
    shared = new WeakRef(known);
    return known;
  };
  const read = (list: ListBlockFiles) =>
    withPass((pass) => {
      const input = pass?.ledger.input(pass.ledger.numbered(NAME), 'steps');
      const found = (stop: AbortSignal) => findTable(list, stop);
      return epochSteps(settings, { input, epoch: pass?.epoch ?? epoch++, memory: memory(), findTable: found });
    });
  const parts$ = unlessFilesWritten(listFiles, read) as Observable<GlobalBatchPart<F>>;
  return parts$.pipe(abortable(signal));
}

/** Returns a function that compares the files with the index. Its first call reads or makes the index. */
function tableFinder({ index: given, decoder, format, patterns, store, include, exclude }: Settings) {
  let index: DatasetIndex | undefined;
  const indexOf = async (signal: AbortSignal): Promise<DatasetIndex> => {
    if (typeof given === 'object') return given;
    if (given !== undefined) return loadIndex(NAME, given, { store, signal });
    return indexRecords(patterns, { recordFormat: decoder, store, include, exclude, signal });
  };
  return async (list: ListBlockFiles, stop: AbortSignal): Promise<BlockTable> => {
    index ??= await indexOf(stop);
    const files = await list(stop);
    requireMatch(index, files, String(format.facts['format']));
    if (index.files.every(({ blocks }) => blocks.length === 0)) throw noRecords(patterns);
    const isRows = 'open' in format;
    if (!isRows) requireStarts(index, files);
    const reader = isRows ? await format.open(files[0] as BlockFile, stop) : format;
    return new BlockTable(index, files, reader);
  };
}

interface EpochSource {
  readonly input: InputPosition | undefined;
  readonly epoch: number;
  readonly memory: LaneMemory;
  readonly findTable: (stop: AbortSignal) => Promise<BlockTable>;
}

function epochSteps(settings: Settings, { input, epoch, memory, findTable }: EpochSource): Observable<unknown> {
  const { seed, globalBatchSize, lanes, windowBlocks, dropRemainder, owner, concurrency } = settings;
  const facts = { seed, globalBatchSize, lanes, windowBlocks, dropRemainder };
  return pullSource((outlet) => {
    const controller = new AbortController();
    let reader: Puller | undefined;
    const begin = (table: BlockTable): void => {
      if (controller.signal.aborted) return;
      input?.announceFacts({ ...facts, ...table.facts });
      const how = { ...facts, owner, concurrency, memory, epoch, firstStep: input?.beginAtRecord() ?? 0 };
      const deliver = (part: unknown[]): void => {
        input?.readRecord();
        outlet.deliver(table.itemOf(part));
      };
      reader = new StepReader(table, how, { ...outlet, deliver });
      reader.pull();
    };
    return {
      pull: () => {
        if (reader) reader.pull();
        else findTable(controller.signal).then(begin).catch(outlet.fail);
      },
      close: () => {
        controller.abort();
        reader?.close();
      },
    };
  }, NAME);
}

function requireMatch(index: DatasetIndex, files: readonly BlockFile[], recordFormat: string): void {
  if (index.recordFormat !== recordFormat) {
    const message = `${NAME}: recordFormat: expected ${index.recordFormat} (from the index), found ${recordFormat}`;
    throw new ConfigError(message, { path: 'recordFormat' });
  }
  const change = changeOf(index, files);
  if (change) throw changed((change.file ?? files.at(-1))?.path ?? '', change.difference);
}

/** The first row group of a Parquet file can begin anywhere. The other formats begin with a record or a header. */
function requireStarts(index: DatasetIndex, files: readonly BlockFile[]): void {
  for (const [position, { name, blocks }] of index.files.entries()) {
    const start = blocks[0]?.[0] ?? 0;
    if (start === 0) continue;
    const finding = `${name}: the first block begins at byte ${start}, not at 0, so records would be left out`;
    throw changed(files[position]?.path ?? '', finding);
  }
}

function noRecords(patterns: string | readonly string[]): ChannelError {
  const path = [patterns].flat().map(shownUrl).join();
  const message = `There is no record in the files at ${path}. Check the patterns, and the program that wrote the files.`;
  return new ChannelError(message, { code: 'ERR_CHANNEL_EMPTY', path });
}
