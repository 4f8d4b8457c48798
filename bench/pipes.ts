import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFile } from './dataFile.js';
import { startPinned, type Output, type Pinned } from './processes.js';
import type { Reading } from './reader.js';
import { startReader } from './startReader.js';
import type { BenchContext } from './section.js';

export interface FifoReading {
  readonly job: string;
  /** A file to send first through another FIFO. Default: no warm-up. */
  readonly warmUp?: DataFile;
  readonly file: DataFile;
  /** The number of times to send the file through the same FIFO. Default: 1. */
  readonly repeats?: number;
  readonly bytesPerSample?: number;
  /** The compiled reader of another version of the code. Default: the reader of this version. */
  readonly reader?: string;
}

export function readThroughFifo(reading: FifoReading, { cpus, folder }: BenchContext): Promise<Reading> {
  const { job, warmUp, file, repeats = 1, bytesPerSample, reader: module } = reading;
  return withTree(folder, async (baseDir, fifos) => {
    const [first, second] = fifos;
    const writers = warmUp
      ? [feed(warmUp, first, cpus.writer), feed(file, second, cpus.writer, repeats)]
      : [feed(file, first, cpus.writer, repeats)];
    const input = { baseDir, warmUp: warmUp !== undefined };
    const reader = startReader({ job, input, ...(bytesPerSample && { bytesPerSample }) }, cpus.reader, module);
    const { stdout } = await allOf(reader, writers);
    const result = JSON.parse(stdout) as Reading;
    const written = file.records * repeats;
    if (result.records !== written) throw new Error(`${job}: expected ${written} records, found ${result.records}.`);
    return result;
  });
}

/** Measures the pipe alone. Returns the seconds that `dd` takes to read the file. */
export function readWithDd(file: DataFile, { cpus, folder }: BenchContext): Promise<number> {
  return withTree(folder, async (_, [fifo]) => {
    const writer = feed(file, fifo, cpus.writer);
    const reader = startPinned(cpus.reader, 'dd', [`if=${fifo}`, 'of=/dev/null', 'bs=65536']);
    const { stderr } = await allOf(reader, [writer]);
    const [, byteLength, seconds] = /^(\d+) bytes .*, ([\d.e+-]+) s,/m.exec(stderr) ?? [];
    if (Number(byteLength) !== file.byteLength)
      throw new Error(`dd: expected ${file.byteLength} bytes, found: ${stderr}`);
    return Number(seconds);
  });
}

/** Opens the FIFO once, and runs `dd` several times. */
const REPEAT = 'exec > "$1"; for i in $(seq "$2"); do dd "if=$0" bs=65536 || exit; done';

/** Starts a process that writes the file when a reader opens the FIFO. */
function feed({ path }: DataFile, fifo: string, cpu: string, repeats = 1): Pinned {
  return repeats === 1
    ? startPinned(cpu, 'dd', [`if=${path}`, `of=${fifo}`, 'bs=65536'])
    : startPinned(cpu, 'sh', ['-c', REPEAT, path, fifo, String(repeats)]);
}

/**
 * Returns the reader's output after the reader and all writers have exited with 0. If one process fails, kills all
 * other processes. A writer that lost its reader does not fail, because the reader's error says why.
 */
async function allOf(reader: Pinned, writers: readonly Pinned[]): Promise<Output> {
  try {
    const outputs = writers.map(({ child, output }) =>
      output.catch((error: unknown) =>
        child.signalCode === 'SIGPIPE' ? reader.output : Promise.reject(error as Error),
      ),
    );
    const [output] = await Promise.all([reader.output, ...outputs]);
    return output;
  } finally {
    for (const { child } of [reader, ...writers]) child.kill();
  }
}

/** Creates a job with one channel and the FIFOs of two epochs, calls `work`, and removes the folders. */
async function withTree<T>(
  folder: string,
  work: (baseDir: string, fifos: readonly [string, string]) => Promise<T>,
): Promise<T> {
  const baseDir = mkdtempSync(join(folder, 'tree-'));
  try {
    const dataDir = join(baseDir, 'input/data');
    for (const folder of [join(baseDir, 'input/config'), dataDir]) mkdirSync(folder, { recursive: true });
    const config = { train: { TrainingInputMode: 'Pipe' } };
    writeFileSync(join(baseDir, 'input/config/inputdataconfig.json'), JSON.stringify(config));
    const fifos = [join(dataDir, 'train_0'), join(dataDir, 'train_1')] as const;
    execFileSync('mkfifo', fifos);
    return await work(baseDir, fifos);
  } finally {
    rmSync(baseDir, { recursive: true });
  }
}
