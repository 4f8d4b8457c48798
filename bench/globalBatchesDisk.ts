import { spawnSync } from 'node:child_process';
import { copyFileSync, statfsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { globalBatches, indexRecords, recordsFromFiles } from 'millrace';
import { batch } from 'millrace/operators';
import type { Observable } from 'rxjs';
import { ratiosOf, readInPairs } from './pairs.js';
import { resultTable } from './resultTable.js';
import { median, spread } from './statistics.js';
import { temporaryFolder } from './temporaryFolder.js';

const GLOBAL_BATCH = 64;

/** The type of a file system in memory, in `statfs`. */
const TMPFS = 0x01021994;

/** Compares the speeds of `recordsFromFiles` and `globalBatches` with files that are read from the disk. */
export async function measureDisk(
  files: readonly string[],
  orders: Readonly<Record<string, readonly [lanes: number, windowBlocks: number]>>,
  rounds: number,
): Promise<string> {
  // No file system in memory has so much room.
  const folder = temporaryFolder(Infinity);
  const copies = files.map((file) => join(folder, basename(file)));
  for (const [position, copy] of copies.entries()) copyFileSync(files[position] as string, copy);
  const recordFormat = 'TFRecord';
  const index = await indexRecords(copies, { recordFormat });
  const bytes = index.files.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const speedOf = async (batches$: Observable<unknown>): Promise<number> => {
    for (const copy of copies) dropFromCache(copy);
    const start = performance.now();
    await batches$.forEach(() => undefined);
    return bytes / 1000 / (performance.now() - start);
  };
  const place = `from ${dirname(folder)}${statfsSync(folder).type === TMPFS ? ', a tmpfs: not a disk' : ''}`;
  const head = [place, 'in order, MB/s', 'shuffled, MB/s', 'ratio', 'min–max'];
  const rows = resultTable(head);
  for (const [name, [lanes, windowBlocks]] of Object.entries(orders)) {
    const order = { seed: 7, globalBatchSize: GLOBAL_BATCH, lanes, windowBlocks };
    const speeds = await readInPairs({
      pairs: rounds,
      progress: (part) => console.error(`${place}, ${name}: ${part}`),
      ours: () => speedOf(globalBatches(copies, { recordFormat, index, ...order })),
      theirs: () => speedOf(recordsFromFiles(copies, { recordFormat }).pipe(batch(GLOBAL_BATCH))),
    });
    const ratios = ratiosOf(speeds, (shuffled, inOrder) => shuffled / inOrder);
    rows.push([
      name,
      median(speeds.theirs).toFixed(0),
      median(speeds.ours).toFixed(0),
      median(ratios).toFixed(2),
      spread(ratios, 2),
    ]);
  }
  return rows.toString();
}

/** Removes a file from the page cache of Linux, see `info dd`. */
function dropFromCache(path: string): void {
  const flags = ['if=/dev/null', `of=${path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none'];
  const { error, status, stderr } = spawnSync('dd', flags, { encoding: 'utf8' });
  if (error || status !== 0) throw new Error(`dd failed: ${error?.message ?? stderr}`);
}
