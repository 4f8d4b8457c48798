import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { startPinned, type Pinned } from './processes.js';
import type { ReaderTask } from './reader.js';

export function startReader(task: ReaderTask, cpu: string): Pinned {
  return startModule('reader.js', [JSON.stringify(task)], cpu);
}

export function startModule(name: string, args: readonly string[], cpu: string): Pinned {
  return startPinned(cpu, process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args]);
}
