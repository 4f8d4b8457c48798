import { globalBatches, type Cursor, type DatasetIndex } from 'millrace';
import { resumable } from 'millrace/operators';
import { firstValueFrom, type Observable } from 'rxjs';
import { resultTable } from './resultTable.js';
import { median } from './statistics.js';

const RESUMED_STEPS = 12;
const GLOBAL_BATCH = 64;

/**
 * Measures the time from a subscription to its first step: at the start of an epoch, and at steps that are spread over
 * the epoch. The start of an epoch reads one window for each lane.
 */
export async function measureResume(
  pattern: string,
  index: DatasetIndex,
  orders: Readonly<Record<string, readonly [lanes: number, windowBlocks: number]>>,
): Promise<string> {
  const head = ['first step after', 'start of an epoch, s', 'a cursor, s', 'maximum, s'];
  const rows = resultTable(head);
  for (const [name, [lanes, windowBlocks]] of Object.entries(orders)) {
    const batchesFrom = (resume: (source: Observable<Uint8Array[]>) => Observable<Uint8Array[]>) => {
      const order = { seed: 7, globalBatchSize: GLOBAL_BATCH, lanes, windowBlocks };
      return globalBatches(pattern, { recordFormat: 'TFRecord', index, ...order }).pipe(resume);
    };
    const records = index.files.flatMap(({ blocks }) => blocks).reduce((sum, [, count]) => sum + count, 0);
    console.error(`resuming, ${name}`);
    const cursors = await cursorsOf(batchesFrom, Math.floor(records / GLOBAL_BATCH / (RESUMED_STEPS + 1)));
    const starts: number[] = [];
    const resumes: number[] = [];
    for (const cursor of cursors) {
      starts.push(await secondsToFirst(batchesFrom(resumable({ recordsPerItem: 1 }))));
      resumes.push(await secondsToFirst(batchesFrom(resumable({ recordsPerItem: 1, cursor }))));
    }
    rows.push([name, ...[median(starts), median(resumes), Math.max(...resumes)].map((value) => value.toFixed(2))]);
  }
  return rows.toString();
}

/** Reads an epoch, and returns the cursor of each `distance`-th step. */
async function cursorsOf(
  batchesFrom: (resume: ReturnType<typeof resumable<Uint8Array[]>>) => Observable<Uint8Array[]>,
  distance: number,
): Promise<Cursor[]> {
  const resume = resumable<Uint8Array[]>({ recordsPerItem: 1 });
  const cursors: Cursor[] = [];
  let steps = 0;
  await batchesFrom(resume).forEach(() => {
    if (++steps % distance === 0 && cursors.length < RESUMED_STEPS) cursors.push(resume.cursor());
  });
  return cursors;
}

async function secondsToFirst(batches$: Observable<unknown>): Promise<number> {
  const startedAt = performance.now();
  await firstValueFrom(batches$);
  return (performance.now() - startedAt) / 1000;
}
