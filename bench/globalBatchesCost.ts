import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fromIterable, globalBatches, indexRecords, recordsFromFiles, type DatasetIndex } from 'millrace';
import { encodeExample, encodeTFRecord, fixedLenFeature, rawFeature } from 'millrace/formats';
import { batch, parseExample, shuffle } from 'millrace/operators';
import { map, repeat, type Observable } from 'rxjs';
import { measureDisk } from './globalBatchesDisk.js';
import { measureResume } from './globalBatchesResume.js';
import { ratiosOf, readInPairs } from './pairs.js';
import { resultTable } from './resultTable.js';
import { runRounds } from './runRounds.js';
import { median, spread } from './statistics.js';
import { temporaryFolder } from './temporaryFolder.js';

/*
 * Measures `globalBatches`: its speed compared with `recordsFromFiles` over the same files, in memory and on the disk,
 * with examples of 1 KiB, the time until a resumed epoch continues, and the quality of the shuffle. The two sources
 * run in one process, in pairs of alternating order. Also prints the size of the index.
 */

const MIB = 1024 * 1024;
const SPEED_RECORDS = 1_000_000;
const SHUFFLED_RECORDS = 1_000_000;
/** A shuffle buffer of 256 MiB. */
const BUFFERED_RECORDS = 262_144;
/** The number of lanes, and the number of blocks of 8 MiB in a window. */
const ORDERS = {
  'a lane, window of 256 MiB': [1, 32],
  '8 lanes, windows of 32 MiB': [8, 4],
} as const;

const folder = temporaryFolder(1.3e9);

/** Writes records in 4 files. Each record contains its number. */
function writeFiles(name: string, records: number, encode: (record: number) => Uint8Array): string {
  for (let file = 0; file < 4; file++) {
    const fd = openSync(join(folder, `${name}-${file}.tfrecord`), 'w');
    for (let record = (file * records) / 4; record < ((file + 1) * records) / 4;) {
      const frames: Uint8Array[] = [];
      for (const end = record + 1000; record < end; record++) frames.push(encodeTFRecord(encode(record)));
      writeSync(fd, Buffer.concat(frames));
    }
    closeSync(fd);
  }
  return join(folder, `${name}-*.tfrecord`);
}

interface Cost {
  readonly megabytesPerSecond: number;
  readonly cpuSecondsPerGigabyte: number;
}

/** Measures the second of two epochs, because the first epoch also allocates the memory of the windows. */
async function costOf(source$: Observable<number>, bytes: number): Promise<Cost> {
  let start = 0;
  let before: NodeJS.CpuUsage | undefined;
  let records = 0;
  await source$.pipe(repeat(2)).forEach((count) => {
    records += count;
    if (records !== SPEED_RECORDS) return;
    start = performance.now();
    before = process.cpuUsage();
  });
  const { user, system } = process.cpuUsage(before);
  if (records !== 2 * SPEED_RECORDS) throw new Error(`expected 2 × ${SPEED_RECORDS} records, found ${records}`);
  const seconds = (performance.now() - start) / 1000;
  return {
    megabytesPerSecond: bytes / 1e6 / seconds,
    cpuSecondsPerGigabyte: (user + system) / 1e6 / (bytes / 1e9),
  };
}

async function measureSpeed(rounds: number): Promise<void> {
  console.error('writing and indexing the examples');
  const pixels = new Uint8Array(984).map((_, index) => index * 7);
  const encode = (label: number) =>
    encodeExample({
      image: { bytesList: [pixels] },
      label: { int64List: [label] },
    });
  const pattern = writeFiles('speed', SPEED_RECORDS, encode);
  const index = await indexRecords(pattern, { recordFormat: 'TFRecord' });
  const bytes = index.files.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const indexBytes = JSON.stringify(index).length;
  console.log(
    `index: ${indexBytes} bytes for ${(bytes / 1e6).toFixed(0)} MB: ${((100 * indexBytes) / bytes).toFixed(5)} %`,
  );
  const parse = parseExample({
    image: rawFeature([984], 'uint8'),
    label: fixedLenFeature([], 'int64'),
  });
  const consumers: Readonly<Record<string, (batches$: Observable<Uint8Array[]>) => Observable<number>>> = {
    counted: (batches$) => batches$.pipe(map((records) => records.length)),
    parseExample: (batches$) =>
      batches$.pipe(
        parse,
        map(({ label }) => label.shape[0] ?? 0),
      ),
  };
  const recordFormat = 'TFRecord';
  const shuffles: Record<string, Observable<Uint8Array[]>> = {
    [`shuffle(${BUFFERED_RECORDS})`]: recordsFromFiles(pattern, { recordFormat, shuffleSeed: 7 }).pipe(
      shuffle(BUFFERED_RECORDS, { seed: 7 }),
      batch(64),
    ),
  };
  for (const [name, [lanes, windowBlocks]] of Object.entries(ORDERS)) {
    const order = { seed: 7, globalBatchSize: 64, lanes, windowBlocks };
    shuffles[name] = globalBatches(pattern, { recordFormat, index, ...order });
  }
  const rows = resultTable([
    '',
    'in order, MB/s',
    'shuffled, MB/s',
    'ratio',
    'min–max',
    'CPU s/GB in order',
    'shuffled',
  ]);
  for (const [name, consume] of Object.entries(consumers)) {
    for (const [how, shuffled$] of Object.entries(shuffles)) {
      const readers = {
        ours: () => costOf(consume(shuffled$), bytes),
        theirs: () => costOf(consume(recordsFromFiles(pattern, { recordFormat }).pipe(batch(64))), bytes),
      };
      console.error(`${name}, ${how}: warm-up`);
      await readers.theirs();
      await readers.ours();
      const progress = (part: string): void => console.error(`${name}, ${how}: ${part}`);
      const costs = await readInPairs({ pairs: rounds, progress, ...readers });
      const ratios = ratiosOf(costs, (shuffled, inOrder) => shuffled.megabytesPerSecond / inOrder.megabytesPerSecond);
      const of = (side: readonly Cost[], figure: keyof Cost): number => median(side.map((cost) => cost[figure]));
      rows.push([
        `${name}, ${how}`,
        of(costs.theirs, 'megabytesPerSecond').toFixed(0),
        of(costs.ours, 'megabytesPerSecond').toFixed(0),
        median(ratios).toFixed(2),
        spread(ratios, 2),
        of(costs.theirs, 'cpuSecondsPerGigabyte').toFixed(2),
        of(costs.ours, 'cpuSecondsPerGigabyte').toFixed(2),
      ]);
    }
  }
  console.log(rows.toString());
  const files = index.files.map(({ name }) => join(folder, name));
  console.log(await measureDisk(files, ORDERS, rounds));
  console.log(await measureResume(pattern, index, ORDERS));
}

/** Returns the correlation of the ranks of consecutive items. Each item is its own rank. */
function neighbourCorrelation(order: readonly number[]): number {
  const mean = (order.length - 1) / 2;
  const variance = (order.length ** 2 - 1) / 12;
  let sum = 0;
  for (let index = 1; index < order.length; index++) {
    sum += ((order[index - 1] as number) - mean) * ((order[index] as number) - mean);
  }
  return sum / (order.length - 1) / variance;
}

function meanDistance(order: readonly number[]): number {
  return order.reduce((sum, item, index) => sum + Math.abs(item - index), 0) / order.length ** 2;
}

async function orderOf(items$: Observable<number>): Promise<number[]> {
  const order: number[] = [];
  await items$.forEach((item) => order.push(item));
  if (order.length !== SHUFFLED_RECORDS) throw new Error(`expected ${SHUFFLED_RECORDS} items, found ${order.length}`);
  return order;
}

async function measureShuffle(): Promise<void> {
  console.error('writing and indexing the numbers');
  const encode = (record: number) => Buffer.from(String(record).padStart(16));
  const pattern = writeFiles('shuffle', SHUFFLED_RECORDS, encode);
  // Blocks of 8192 records, as with records of 1 KiB and the default `blockBytes`.
  const index: DatasetIndex = await indexRecords(pattern, {
    recordFormat: 'TFRecord',
    blockBytes: MIB / 4,
  });
  const lanes = (lanes: number, windowBlocks: number): Observable<number> => {
    const options = {
      recordFormat: 'TFRecord',
      index,
      seed: 7,
      globalBatchSize: 1,
      lanes,
      windowBlocks,
    } as const;
    return globalBatches(pattern, options).pipe(
      map(([record]) => Number(Buffer.from(record as Uint8Array).toString())),
    );
  };
  const numbers$ = fromIterable(Array.from({ length: SHUFFLED_RECORDS }, (_, record) => record));
  const rows = resultTable(['1,000,000 records', 'correlation of neighbours', 'mean distance']);
  const orders: Readonly<Record<string, Observable<number>>> = {
    'shuffle(10_000)': numbers$.pipe(shuffle(10_000, { seed: 7 })),
    'globalBatches, 1 lane, windowBlocks 4': lanes(1, 4),
    'globalBatches, 8 lanes, windowBlocks 4': lanes(8, 4),
    'globalBatches, 16 lanes, windowBlocks 4': lanes(16, 4),
    'globalBatches, 1 lane, windowBlocks 32': lanes(1, 32),
    'a permutation of all records': numbers$.pipe(shuffle(SHUFFLED_RECORDS, { seed: 7 })),
  };
  for (const [name, order$] of Object.entries(orders)) {
    console.error(name);
    const order = await orderOf(order$);
    rows.push([name, neighbourCorrelation(order).toFixed(4), meanDistance(order).toFixed(3)]);
  }
  console.log(rows.toString());
}

await runRounds({ name: 'bench:lanes', description: 'Measures globalBatches.', rounds: 7 }, async (rounds) => {
  await measureShuffle();
  await measureSpeed(rounds);
});
