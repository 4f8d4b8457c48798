/** A process that feeds chunks to a pipeline with a report and to one without a report, in turn. Prints the times. */
import process from 'node:process';
import { fromAsyncIterable } from 'millrace';
import { decodeRecordIO, report } from 'millrace/operators';
import type { MonoTypeOperatorFunction } from 'rxjs';
import { CASES } from './cases.js';
import { median } from './statistics.js';

/** The JSON on standard output: medians of the elapsed time of each chunk in microseconds. */
export type ReportRun = readonly {
  /** The first chunk and the chunk after the last one. */
  readonly chunks: readonly [from: number, to: number];
  readonly without: number;
  /** The median of the differences with and without a report. */
  readonly more: number;
}[];

const PARTS = [
  [0, 100],
  [100, 1000],
  [1000, 10_000],
] as const;

const record = CASES['recordio-64'].record(0);
const recordsInChunk = Math.floor(65_536 / record.length);
const chunk = Buffer.concat(Array<Uint8Array>(recordsInChunk).fill(record));

/** Subscribes to a pipeline. Returns a function that feeds it one chunk, and returns the elapsed time. */
function fedPipeline(end: MonoTypeOperatorFunction<Uint8Array>): () => Promise<number> {
  let deliver: (result: IteratorResult<Uint8Array>) => void = () => undefined;
  let records = 0;
  const chunks = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<Uint8Array>>((resolve) => (deliver = resolve)),
    }),
  };
  fromAsyncIterable(chunks)
    .pipe(decodeRecordIO(), end)
    .subscribe(() => records++);
  return async () => {
    const before = records;
    const startedAt = process.hrtime.bigint();
    deliver({ done: false, value: chunk });
    await new Promise(setImmediate);
    const microseconds = Number(process.hrtime.bigint() - startedAt) / 1000;
    if (records - before !== recordsInChunk) throw new Error(`expected ${recordsInChunk} records of a chunk`);
    return microseconds;
  };
}

const [plain, watched] = [fedPipeline((source) => source), fedPipeline(report())];
await new Promise(setImmediate);
const pairs: (readonly [plain: number, watched: number])[] = [];
for (let i = 0; i < PARTS[2][1]; i++) {
  const first = await (i % 2 === 0 ? plain : watched)();
  const second = await (i % 2 === 0 ? watched : plain)();
  pairs.push(i % 2 === 0 ? [first, second] : [second, first]);
}
const run: ReportRun = PARTS.map(([from, to]) => {
  const part = pairs.slice(from, to);
  const without = median(part.map(([time]) => time));
  return { chunks: [from, to], without, more: median(part.map(([one, other]) => other - one)) };
});
console.log(JSON.stringify(run));
process.exit();
