import { CASES } from './cases.js';
import { withDataFiles } from './dataFile.js';
import { describeMachine, prepareMachine } from './machine.js';
import { readThroughFifo } from './pipes.js';
import type { ReportRun } from './reportRun.js';
import { resultTable } from './resultTable.js';
import { runRounds } from './runRounds.js';
import type { BenchContext } from './section.js';
import { startModule } from './startReader.js';
import { median, spread } from './statistics.js';
import { temporaryFolder } from './temporaryFolder.js';

/*
 * Measures the cost of a report in the fastest case: counting RecordIO records of 64 bytes in chunks of 64 KiB.
 *
 * The work of a report is the same for each chunk. So two pipelines, with and without a report, receive one chunk each
 * in turn, and the median of the differences is the cost. Load, the clock rate and garbage collections affect both
 * pipelines equally. The times of a whole FIFO vary by a third, so they show only the total cost of a chunk. Each round
 * is a new process, because V8 compiles the code of the first chunks later.
 */

const MEBIBYTE = 1024 * 1024;
const CHUNK_BYTES = 65_536;
const SIZES = { byteLength: 256 * MEBIBYTE, warmUpByteLength: 256 * MEBIBYTE };

interface Round {
  readonly run: ReportRun;
  /** The CPU time of a chunk through a FIFO without a report, in microseconds. */
  readonly fifo: number;
}

async function measure(rounds: number): Promise<Round[]> {
  const cpus = prepareMachine();
  for (const line of describeMachine(cpus)) console.log(line);
  const folder = temporaryFolder(SIZES.byteLength + SIZES.warmUpByteLength);
  const context: BenchContext = { cpus, folder, pairs: rounds, ...SIZES, progress: console.error };
  const job = 'recordio-64';
  return withDataFiles({ ...context, record: CASES[job].record }, async ({ warmUp, measured: file }) => {
    const measured: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      context.progress(`round ${round + 1} of ${rounds}`);
      const { stdout } = await startModule('reportRun.js', [], cpus.reader).output;
      const { cpuSeconds } = await readThroughFifo({ job, warmUp, file }, context);
      const fifo = (cpuSeconds * 1e6) / (file.byteLength / CHUNK_BYTES);
      measured.push({ run: JSON.parse(stdout) as ReportRun, fifo });
    }
    return measured;
  });
}

function print(rounds: readonly Round[]): void {
  const withRange = (figures: readonly number[]): string =>
    `${median(figures).toFixed(1)} (${spread(figures, 1).replace('–', ' to ')})`;
  const table = resultTable(['chunks', 'µs without a report', 'additional µs with a report', 'share, %']);
  for (const [part, { chunks }] of (rounds[0]?.run ?? []).entries()) {
    const figures = rounds.flatMap(({ run, fifo }) => {
      const { without = NaN, more = NaN } = run[part] ?? {};
      return { without, more, share: (100 * more) / fifo };
    });
    const columns = (['without', 'more', 'share'] as const).map((name) => withRange(figures.map((each) => each[name])));
    table.push([chunks.join(' to '), ...columns]);
  }
  console.log(table.toString());
  const fifo = withRange(rounds.map((round) => round.fifo));
  console.log(`Without a report, a chunk through a FIFO takes ${fifo} µs of CPU time. The share is of this time.`);
}

await runRounds(
  { name: 'bench:report', description: 'Measures the cost of a report for each chunk.', rounds: 9 },
  async (rounds) => print(await measure(rounds)),
);
