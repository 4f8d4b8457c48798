import { mismatch, type Cursor, type WorkerCursor } from './cursor.js';
import type { WorkerPositions } from './workerPositions.js';

const HINT = 'Only some parts of a step were delivered, so the number of threads must be the same. ';

/** @throws ConfigError if some parts of a step were delivered, but the number of threads has changed. */
export function requireThreads(saved: Cursor | undefined, threads: number): void {
  const { parts } = saved ?? {};
  if (!parts || parts.threads === threads) return;
  throw mismatch('parts.threads', String(parts.threads), String(threads), HINT);
}

interface Threads {
  readonly threads: number;
  /** The number of stages after `inWorker`. */
  readonly mainStages: number;
}

export function beginSteps(
  positions: WorkerPositions,
  saved: Cursor | undefined,
  { threads, mainStages }: Threads,
): void {
  const { items = 0, parts, inputs = {}, stages } = saved ?? {};
  const each: WorkerCursor = { inputs, ...(stages && { stages: stages.slice(mainStages) }) };
  positions.saved = saved && Array.from({ length: threads }, () => each);
  positions.firstPart = parts?.delivered ?? 0;
  positions.steps = Array.from({ length: threads }, (_, thread) => items + (thread < positions.firstPart ? 1 : 0));
}
