import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { DataFile, DataFiles } from './dataFile.js';
import { startPinned, type Output, type Pinned } from './processes.js';
import type { Reading, ReaderTask } from './reader.js';
import type { BenchContext } from './section.js';

const READER = fileURLToPath(new URL('reader.js', import.meta.url));

/** Reads through a channel in a process of its own: a short epoch to warm up with, then the one that is measured. */
export function readWithJob(job: string, files: DataFiles, { cpus, folder }: BenchContext): Promise<Reading> {
  return withTree(folder, async (baseDir, fifos) => {
    const feeds = [feed(files.warmUp, fifos[0], cpus.writer), feed(files.measured, fifos[1], cpus.writer)];
    const task: ReaderTask = { job, baseDir };
    const reader = startPinned(cpus.reader, process.execPath, [READER, JSON.stringify(task)]);
    const { stdout } = await allOf(reader, feeds);
    const reading = JSON.parse(stdout) as Reading;
    if (reading.records !== files.measured.records) {
      throw new Error(`${job} read ${reading.records} records of ${files.measured.records}`);
    }
    return reading;
  });
}

/** What the pipe itself carries: the seconds that `dd` takes to read the same, from its first read to the end. */
export function readWithDd(file: DataFile, { cpus, folder }: BenchContext): Promise<number> {
  return withTree(folder, async (_, [fifo]) => {
    const writer = feed(file, fifo, cpus.writer);
    const reader = startPinned(cpus.reader, 'dd', [`if=${fifo}`, 'of=/dev/null', 'bs=65536']);
    const { stderr } = await allOf(reader, [writer]);
    const [, byteLength, seconds] = /^(\d+) bytes .*, ([\d.e+-]+) s,/m.exec(stderr) ?? [];
    if (Number(byteLength) !== file.byteLength)
      throw new Error(`dd read other than ${file.byteLength} bytes: ${stderr}`);
    return Number(seconds);
  });
}

/** Writes a file into a FIFO from a process of its own. It starts at once, and waits for the reader to open the FIFO. */
function feed(file: DataFile, fifo: string, cpu: string): Pinned {
  return startPinned(cpu, 'dd', [`if=${file.path}`, `of=${fifo}`, 'bs=65536']);
}

/** The reader's output, once it and all its writers have ended well. Where one fails, the others would wait for ever. */
async function allOf(reader: Pinned, writers: readonly Pinned[]): Promise<Output> {
  try {
    const [output] = await Promise.all([reader.output, ...writers.map((writer) => writer.output)]);
    return output;
  } finally {
    for (const { child } of [reader, ...writers]) child.kill();
  }
}

/** Makes the tree of a training job with one channel and the FIFOs of two epochs, for as long as `work` goes on. */
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
