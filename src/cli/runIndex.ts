import { constants } from 'node:os';
import { signedFormat } from '../formats/framing/signedFormat.js';
import { parquetDecoder } from '../pipeline/parquet/parquetDecoder.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { countOf } from '../base/grouped.js';
import { catchStopSignals } from '../base/catchStopSignals.js';
import { ChannelError, ConfigError } from '../base/errors.js';
import { urlScheme } from '../base/localPath.js';
import { sumOf } from '../base/sumOf.js';
import { blockFilesOf } from '../pipeline/lanes/blockFiles.js';
import { refuseCompressed } from '../pipeline/lanes/blocksOfFile.js';
import { indexRecords, type IndexRecordsOptions } from '../pipeline/lanes/indexRecords.js';
import { loadIndex } from '../pipeline/lanes/loadIndex.js';
import { differenceOf, indexAsText, type DatasetIndex } from '../pipeline/lanes/datasetIndex.js';
import type { Store } from '../stores/store.js';
import { writeWhole } from '../stores/writeWhole.js';
import { commandStore, storeOfOutput } from './commandStores.js';
import { sniffFormat } from './inspect/inputFormat.js';
import { LinePrinter } from './linePrinter.js';
import { Progress } from './progress.js';
import { refuseInput } from './refuseInput.js';

export interface IndexFlags {
  readonly to: string;
  readonly check: boolean;
  readonly blockBytes?: number;
  readonly skipLines?: number;
  readonly idx?: readonly string[];
  readonly json?: true;
  readonly quiet?: true;
}

const HEAD_BYTES = 4096;

export async function runIndex(patterns: readonly string[], flags: IndexFlags): Promise<void> {
  const stop = new AbortController();
  const printer = new LinePrinter();
  const signals = catchStopSignals();
  signals.stopOnce((signal) => {
    process.exitCode = 128 + constants.signals[signal];
    stop.abort();
  });
  try {
    await index(patterns, { flags, printer, signal: stop.signal });
    await printer.end();
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    signals.release();
  }
}

interface Run {
  readonly flags: IndexFlags;
  readonly printer: LinePrinter;
  readonly signal: AbortSignal;
}

async function index(patterns: readonly string[], { flags, printer, signal }: Run): Promise<void> {
  const { to, check, blockBytes, idx } = flags;
  const needsS3 = [...patterns, ...(idx ?? []), to].some((url) => urlScheme(url) === 's3');
  const store = needsS3 ? [await commandStore('s3')] : [];
  const target = { store: await storeOfOutput(to), url: to };
  await refuseInput(
    { to, isRecords: false },
    [...patterns, ...(idx ?? [])].map((pattern) => ({ pattern })),
  );
  const saved = check ? await loadIndex('index', to, { store, signal }) : undefined;
  const recordFormat = await formatOf(patterns, {
    store,
    signal,
    skipLines: flags.skipLines,
  });
  const { onProgress, clear } = progressOf(flags.quiet ?? flags.json ?? false);
  const options = {
    recordFormat,
    store,
    blockBytes,
    idxFiles: idx,
    signal,
    onProgress,
  };
  const found = await indexRecords(patterns, options).finally(clear);
  if (!saved) {
    await writeWhole(target, Buffer.from(indexAsText(found)), { signal });
  } else {
    const difference = differenceOf(saved, found);
    if (difference !== undefined) throw stale(to, difference);
  }
  const facts = factsOf(found);
  if (flags.json) printer.print(JSON.stringify({ index: to, isChecked: check, ...facts }));
  else printer.print(`${to}${check ? ' matches the files' : ''}: ${summaryOf(facts)}`);
}

function progressOf(isQuiet: boolean) {
  let progress: Progress | undefined;
  const onProgress: IndexRecordsOptions['onProgress'] = (done) => {
    progress ??= new Progress(process.stderr, { total: done.totalBytes });
    progress.show(done);
  };
  return {
    onProgress: isQuiet ? undefined : onProgress,
    clear: () => progress?.clear(),
  };
}

interface Sniffing {
  readonly store: readonly Store[];
  readonly signal: AbortSignal;
  readonly skipLines: number | undefined;
}

/** The first file that is not empty decides the format. */
async function formatOf(patterns: readonly string[], { store, signal, skipLines }: Sniffing) {
  const files = await blockFilesOf('index', { patterns, store })(signal);
  const file = files.find(({ byteLength }) => byteLength > 0);
  if (!file) throw new ChannelError('index: all files are empty: check the patterns', noRecords(patterns));
  const { stored, path, byteLength } = file;
  const head = await stored.store.read(stored.object, 0, Math.min(HEAD_BYTES, byteLength), { signal });
  refuseCompressed(file, head);
  const isParquet = signedFormat(head)?.name === 'Parquet';
  const format = isParquet ? 'Parquet' : sniffFormat(head);
  if (format === 'image') throw new ChannelError(`index: ${path} is an image, and has no records`, noRecords([path]));
  if (format === 'TextLine' && skipLines !== undefined) return decodeTextLine({ skipLines });
  if (skipLines === undefined) return format === 'Parquet' ? parquetDecoder({}) : format;
  const message = `--skip-lines: ${path} contains ${format} records, not lines: remove this option`;
  throw new ConfigError(message, { path: 'skip-lines' });
}

function noRecords([path = '']: readonly string[]) {
  return { code: 'ERR_CHANNEL_EMPTY', path } as const;
}

function factsOf({ files, recordFormat }: DatasetIndex) {
  const blocks = files.flatMap((file) => file.blocks);
  return {
    recordFormat,
    records: sumOf(blocks.map(([, count]) => count)),
    blocks: blocks.length,
    files: files.length,
    bytes: sumOf(files.map(({ byteLength }) => byteLength)),
  };
}

function summaryOf({ recordFormat, records, blocks, files, bytes }: ReturnType<typeof factsOf>): string {
  const of = `${countOf(files, 'file')}, ${(bytes / 1e6).toFixed(1)} MB`;
  return `${countOf(records, `${recordFormat} record`)} in ${countOf(blocks, 'block')} of ${of}`;
}

function stale(path: string, difference: string): ChannelError {
  const message = `${path} does not match the files: ${difference}. Run millrace index without --check.`;
  return new ChannelError(message, { code: 'ERR_CHANNEL_CHANGED', path });
}
