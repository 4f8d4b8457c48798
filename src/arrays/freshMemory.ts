import { mapArrays } from './mapArrays.js';
import { shared } from '../base/shared.js';

/**
 * Shared, because one copy of this package must not move memory that another copy keeps. `marks` is `undefined` on a
 * thread that never moves memory, so marking takes no time.
 */
const fresh = shared('freshMemory', (): { marks: WeakSet<ArrayBufferView> | undefined } => ({ marks: undefined }));

export function trackFreshMemory(): void {
  fresh.marks ??= new WeakSet();
}

/**
 * Marks memory of an item. The item's creator must not keep this memory, because the receiver may move it to another
 * thread. A move detaches the memory on this thread.
 */
export function markFresh(memory: ArrayBufferView): void {
  fresh.marks?.add(memory);
}

/** Marks the arrays of a value. Skips arrays of dtype `bytes`, because their elements are views on other memory. */
export function markFreshArrays(value: unknown): void {
  if (fresh.marks) forEachArray(value, markFresh);
}

export function isFresh(memory: ArrayBufferView): boolean {
  return fresh.marks?.has(memory) ?? false;
}

/** Removes the marks. Call this before emitting an item that is kept or emitted again. */
export function keepMemory(value: unknown): void {
  if (fresh.marks) forEachArray(value, (memory) => fresh.marks?.delete(memory));
}

function forEachArray(value: unknown, visit: (memory: ArrayBufferView) => void): void {
  mapArrays(value, (array) => {
    if (array.dtype !== 'bytes') visit(array.data);
    return array;
  });
}
