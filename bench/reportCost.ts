import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import Table from 'cli-table3';
import { fromFifo, fromIterable } from 'millrace';
import { encodeRecordIO } from 'millrace/formats';
import { decodeRecordIO, report } from 'millrace/operators';
import { lastValueFrom, reduce, type MonoTypeOperatorFunction, type Observable } from 'rxjs';

/*
 * Measures the cost of a report in the fastest case: counting RecordIO records of 64 bytes. Rounds with and without the
 * report alternate in one process. Compares the best tenth of the rounds by CPU time, which other load affects least.
 */

const ROUNDS = 201;
const CHUNK_BYTES = 64 * 1024;
const TOTAL_BYTES = 32 * 1024 * 1024;

const record = encodeRecordIO(Uint8Array.from({ length: 64 }, (_, index) => index));
const data = Buffer.concat(Array<Uint8Array>(Math.floor(TOTAL_BYTES / record.length)).fill(record));
const folder = mkdtempSync(join(tmpdir(), 'millrace-report-'));
const file = join(folder, 'data');
writeFileSync(file, data);

const unwatched: MonoTypeOperatorFunction<Uint8Array> = (source) => source;

async function read(bytes$: Observable<Uint8Array>, end: MonoTypeOperatorFunction<Uint8Array>): Promise<number> {
  const counted$ = bytes$.pipe(
    decodeRecordIO(),
    end,
    reduce((count) => count + 1, 0),
  );
  const before = process.cpuUsage();
  const records = await lastValueFrom(counted$);
  const { user, system } = process.cpuUsage(before);
  if (records !== data.length / record.length)
    throw new Error(`expected ${data.length / record.length} records, found ${records}`);
  return ((user + system) * 1000) / records;
}

function* chunks(): Generator<Uint8Array> {
  for (let start = 0; start < data.length; start += CHUNK_BYTES) yield data.subarray(start, start + CHUNK_BYTES);
}

const fromMemory = (end: MonoTypeOperatorFunction<Uint8Array>): Promise<number> => read(fromIterable(chunks()), end);

async function throughFifo(end: MonoTypeOperatorFunction<Uint8Array>): Promise<number> {
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const writer = spawn('taskset', ['-c', '1', 'dd', `if=${file}`, `of=${fifo}`, `bs=${CHUNK_BYTES}`], {
    stdio: 'ignore',
  });
  const nanoseconds = await read(fromFifo(fifo), end);
  if (writer.exitCode === null) await once(writer, 'exit');
  rmSync(fifo);
  return nanoseconds;
}

function ofBestTenth(values: readonly number[]): number {
  const best = values.toSorted((a, b) => a - b).slice(0, Math.ceil(values.length / 10));
  return best.reduce((sum, value) => sum + value, 0) / best.length;
}

try {
  const head = ['', 'CPU ns per record', 'with a report', 'difference'];
  const table = new Table({ head, colAligns: ['left', 'right', 'right', 'right'], style: { head: [], border: [] } });
  for (const [name, round] of Object.entries({ 'from memory': fromMemory, 'through a FIFO': throughFifo })) {
    const without: number[] = [];
    const withReport: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      // The first pair is the warm-up.
      const isFirst = i % 2 === 0;
      const first = await round(isFirst ? unwatched : report());
      const second = await round(isFirst ? report() : unwatched);
      if (i === 0) continue;
      without.push(isFirst ? first : second);
      withReport.push(isFirst ? second : first);
    }
    const [plain, watched] = [ofBestTenth(without), ofBestTenth(withReport)];
    table.push([name, plain.toFixed(2), watched.toFixed(2), `${((watched / plain - 1) * 100).toFixed(2)} %`]);
  }
  console.log(table.toString());
} finally {
  rmSync(folder, { recursive: true });
}
