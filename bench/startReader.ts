import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { startPinned, type Pinned } from './processes.js';
import type { ReaderTask } from './reader.js';

/** @param reader - the compiled reader. Default: the reader of this version. */
export function startReader(task: ReaderTask, cpu: string, reader?: string): Pinned {
  const args = [JSON.stringify(task)];
  if (reader === undefined) return startModule('reader.js', args, cpu);
  return startPinned(cpu, process.execPath, [reader, ...args]);
}

export function startModule(name: string, args: readonly string[], cpu: string): Pinned {
  return startPinned(cpu, process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args]);
}
