import type { Subscriber } from 'rxjs';
import { grouped } from '../base/grouped.js';
import { PROTOCOL } from '../base/shared.js';
import { sumOf } from '../base/sumOf.js';
import { carriedBelow } from '../demand/carried.js';

/** The total progress of the running `assertCardinality` operators of a pipeline. */
export interface ExpectedItems {
  /** The number of items so far. */
  readonly items: number;
  readonly expected: number;
  /** An estimate of the time left, in milliseconds. `undefined` before the first item. */
  readonly remainingMs: number | undefined;
}

interface Count {
  readonly expected: number;
  readonly startedAt: number;
  items: number;
}

export const EXPECTED = Symbol.for(`millrace.expected@${PROTOCOL}`);

/** Returns the counts that a downstream `monitor` reads. All monitors of a pipeline share them. */
export function countsFor(subscriber: Subscriber<unknown>): Set<Count> {
  return (carriedBelow(subscriber, EXPECTED) as Set<Count> | undefined) ?? new Set<Count>();
}

export function expectItems(destination: Subscriber<unknown>, expected: number): Count {
  const counts = countsFor(destination);
  const count = { expected, startedAt: performance.now(), items: 0 };
  counts.add(count);
  destination.add(() => counts.delete(count));
  return count;
}

export function readCounts(counts: ReadonlySet<Count>): ExpectedItems | undefined {
  const all = [...counts];
  if (all.length === 0) return undefined;
  const items = sumOf(all.map((count) => count.items));
  const expected = sumOf(all.map((count) => count.expected));
  const elapsedMs = performance.now() - Math.min(...all.map(({ startedAt }) => startedAt));
  return { items, expected, remainingMs: items > 0 ? (elapsedMs * (expected - items)) / items : undefined };
}

export function describeExpected({ items, expected, remainingMs }: ExpectedItems): string {
  const left = remainingMs === undefined ? '' : `, ${Math.round(remainingMs / 1000)} s left`;
  return `${grouped(items)} of ${grouped(expected)} items${left}`;
}
