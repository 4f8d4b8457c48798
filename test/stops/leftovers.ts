import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import process from 'node:process';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

/** What a process holds at a moment: lists that are equal when nothing has come and nothing has gone. */
export interface Holdings {
  /** What its descriptors lead to. */
  readonly descriptors: readonly string[];
  /** Its timers, handles and requests, as Node names them. */
  readonly resources: readonly string[];
  /** Its threads, by the names that the system knows them by. */
  readonly threads: readonly string[];
  /** The events of the process that are listened to, once for each listener. */
  readonly listeners: readonly string[];
  /** How many tensors there are. */
  readonly tensors: number;
}

const POOL_THREADS = 4;
/** How often it is looked again, a millisecond apart: not so long, for on a busy machine that says nothing. */
const PATIENCE = 10_000;
const SETTLED_TURNS = 50;

/** Has libuv start all threads of its pool, which then stay: after that, each new thread is somebody else's. */
export async function startThreadPool(): Promise<void> {
  await Promise.all(Array.from({ length: 8 * POOL_THREADS }, () => stat('/proc/self')));
}

/** What this process holds now. */
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

/** What this process holds when nothing has come or gone for a while. */
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

/** What is there and was not, or was there and is not, in words; empty where all is the same. */
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

/** Lets closes that are under way come through, as long as it takes; gives what is different after ten thousand looks. */
export async function leftovers(before: Holdings, countTensors: () => number): Promise<string[]> {
  let found = differences(before, holdings(countTensors));
  for (let look = 0; found.length > 0 && look < PATIENCE; look++) {
    await (look < SETTLED_TURNS ? turn() : delay(1));
    found = differences(before, holdings(countTensors));
  }
  return found;
}

/** The descriptor of the listing itself, and a thread that ends just now, are not there any more when they are looked at. */
function readIfThere(read: (name: string) => string): (name: string) => string[] {
  return (name) => {
    try {
      return [read(name)];
    } catch {
      return [];
    }
  };
}

/** What remains of a list when each item of the other has been taken out of it once. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const remaining = [...list];
  for (const item of other) {
    const index = remaining.indexOf(item);
    if (index >= 0) remaining.splice(index, 1);
  }
  return remaining;
}
