import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fromAsyncIterable, fromFifo } from 'millrace';
import { encodeRecordIO } from 'millrace/formats';
import { decodeRecordIO, report } from 'millrace/operators';
import { count, lastValueFrom, type MonoTypeOperatorFunction } from 'rxjs';
import { resultTable } from './resultTable.js';

/*
 * Measures the cost of a report in the fastest case: counting RecordIO records of 64 bytes in chunks of 64 KiB.
 *
 * The work of a report is the same for each chunk. So two pipelines, with and without a report, receive one chunk each
 * in turn, and the median of the differences is the cost. Load, the clock rate and garbage collections affect both
 * pipelines equally. The times of a whole FIFO vary by a third, so they show only the total cost of a chunk.
 */

const CHUNKS = 10_000;
const ROUNDS = 41;
const CHUNK_BYTES = 64 * 1024;

const record = encodeRecordIO(Uint8Array.from({ length: 64 }, (_, index) => index));
const recordsInChunk = Math.floor(CHUNK_BYTES / record.length);
const chunk = Buffer.concat(Array<Uint8Array>(recordsInChunk).fill(record));

/** Subscribes to a pipeline. Returns a function that feeds it one chunk, and returns the time in microseconds. */
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

/** Returns the CPU time of a chunk through a FIFO in microseconds: the mean of the best tenth of the rounds. */
async function throughFifo(folder: string): Promise<number> {
  const fifo = join(folder, 'fifo');
  const file = join(folder, 'data');
  const chunks = 512;
  writeFileSync(file, Buffer.concat(Array<Uint8Array>(chunks).fill(chunk)));
  const rounds: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    execFileSync('mkfifo', [fifo]);
    const words = ['-c', '1', 'dd', `if=${file}`, `of=${fifo}`, `bs=${CHUNK_BYTES}`];
    const writer = spawn('taskset', words, { stdio: 'ignore' });
    const before = process.cpuUsage();
    await lastValueFrom(fromFifo(fifo).pipe(decodeRecordIO(), count()));
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / chunks);
    if (writer.exitCode === null) await once(writer, 'exit');
    rmSync(fifo);
  }
  const best = rounds.toSorted((a, b) => a - b).slice(0, Math.ceil(ROUNDS / 10));
  return best.reduce((sum, value) => sum + value, 0) / best.length;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-report-'));
try {
  const [plain, watched] = [fedPipeline((source) => source), fedPipeline(report())];
  await new Promise(setImmediate);
  const pairs: (readonly [plain: number, watched: number])[] = [];
  for (let i = 0; i < CHUNKS; i++) {
    const first = await (i % 2 === 0 ? plain : watched)();
    const second = await (i % 2 === 0 ? watched : plain)();
    pairs.push(i % 2 === 0 ? [first, second] : [second, first]);
  }
  const fifoMicroseconds = await throughFifo(folder);
  const head = ['chunks', 'µs without a report', 'µs more with one', 'of the time', 'of the CPU time through a FIFO'];
  const table = resultTable(head);
  for (const [from, to] of [
    [0, 100],
    [100, 1000],
    [1000, CHUNKS],
  ] as const) {
    const part = pairs.slice(from, to);
    const without = medianOf(part.map(([time]) => time));
    const more = medianOf(part.map(([one, other]) => other - one));
    const shares = [without, fifoMicroseconds].map((total) => `${((more / total) * 100).toFixed(1)} %`);
    table.push([`${from} to ${to}`, without.toFixed(1), more.toFixed(2), ...shares]);
  }
  console.log(table.toString());
  console.log(`A chunk through a FIFO takes ${fifoMicroseconds.toFixed(1)} µs of CPU time.`);
} finally {
  rmSync(folder, { recursive: true });
}
