import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import process from 'node:process';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

/** The resources of a process at one moment. The lists are equal if nothing has changed. */
export interface Holdings {
  /** The targets of the descriptors. */
  readonly descriptors: readonly string[];
  /** The timers, handles and requests, with Node's names. */
  readonly resources: readonly string[];
  /** The names of the threads. */
  readonly threads: readonly string[];
  /** The events of the process, once for each listener. */
  readonly listeners: readonly string[];
  /** The number of tensors. */
  readonly tensors: number;
}

const POOL_THREADS = 4;
/** The maximum number of checks, one millisecond apart. A count, because a time says little on a busy machine. */
const PATIENCE = 10_000;
const SETTLED_TURNS = 50;

/** Starts all threads of libuv's pool. They stay, so any later thread belongs to something else. */
export async function startThreadPool(): Promise<void> {
  await Promise.all(Array.from({ length: 8 * POOL_THREADS }, () => stat('/proc/self')));
}

/** Returns the current resources of this process. */
export function holdings(countTensors: () => number): Holdings {
  return {
    descriptors: readdirSync('/proc/self/fd')
      .flatMap(readIfThere((fd) => readlinkSync(`/proc/self/fd/${fd}`)))
      .sort(),
    resources: process.getActiveResourcesInfo().sort(),
    threads: readdirSync('/proc/self/task').flatMap(
      readIfThere((id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim()),
    ),
    listeners: process
      .eventNames()
      .flatMap((name) => process.listeners(name as NodeJS.Signals).map(() => String(name)))
      .sort(),
    tensors: countTensors(),
  };
}

/** Returns the resources of this process when they no longer change. */
export async function settledHoldings(countTensors: () => number): Promise<Holdings> {
  let before = holdings(countTensors);
  for (let same = 0; same < SETTLED_TURNS;) {
    await turn();
    const now = holdings(countTensors);
    same = differences(before, now).length === 0 ? same + 1 : 0;
    before = now;
  }
  return before;
}

/** Describes added and missing resources. Empty if nothing differs. */
export function differences(before: Holdings, after: Holdings): string[] {
  const lists = ['descriptors', 'resources', 'threads', 'listeners'] as const;
  return [
    ...lists.flatMap((kind) => [
      ...without(after[kind], before[kind]).map((what) => `${kind}: ${what} is left`),
      ...without(before[kind], after[kind]).map((what) => `${kind}: ${what} is gone`),
    ]),
    ...(after.tensors === before.tensors ? [] : [`tensors: ${after.tensors} instead of ${before.tensors}`]),
  ];
}

/** Waits for pending closes. Returns the differences that remain after 10,000 checks. */
export async function leftovers(before: Holdings, countTensors: () => number): Promise<string[]> {
  let found = differences(before, holdings(countTensors));
  for (let look = 0; found.length > 0 && look < PATIENCE; look++) {
    await (look < SETTLED_TURNS ? turn() : delay(1));
    found = differences(before, holdings(countTensors));
  }
  return found;
}

/** The descriptor of the listing, and a thread that is ending, no longer exist when they are read. */
function readIfThere(read: (name: string) => string): (name: string) => string[] {
  return (name) => {
    try {
      return [read(name)];
    } catch {
      return [];
    }
  };
}

/** Removes each item of the other list once. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const remaining = [...list];
  for (const item of other) {
    const index = remaining.indexOf(item);
    if (index >= 0) remaining.splice(index, 1);
  }
  return remaining;
}
