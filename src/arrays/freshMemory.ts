import { mapArrays } from './mapArrays.js';
import { shared } from '../base/shared.js';

/**
 * All copies of this package share the marks, because one copy must not move memory that another copy keeps. Undefined
 * until tracking starts, so that marking costs nothing on a thread that never moves memory.
 */
const fresh = shared('freshMemory', (): { marks: WeakSet<ArrayBufferView> | undefined } => ({ marks: undefined }));

export function trackFreshMemory(): void {
  fresh.marks ??= new WeakSet();
}

/**
 * Marks memory that was allocated for one item, and that its creator does not keep. The receiver may move it to another
 * thread, which detaches it on this thread.
 */
export function markFresh(memory: ArrayBufferView): void {
  fresh.marks?.add(memory);
}

/** Except arrays of dtype `bytes`, because their elements are views on other memory. */
export function markFreshArrays(value: unknown): void {
  if (fresh.marks) forEachArray(value, markFresh);
}

export function isFresh(memory: ArrayBufferView): boolean {
  return fresh.marks?.has(memory) ?? false;
}

/** Removes the marks. Call it before emitting an item that is kept or emitted again. */
export function keepMemory(value: unknown): void {
  if (fresh.marks) forEachArray(value, (memory) => fresh.marks?.delete(memory));
}

function forEachArray(value: unknown, visit: (memory: ArrayBufferView) => void): void {
  mapArrays(value, (array) => {
    if (array.dtype !== 'bytes') visit(array.data);
    return array;
  });
}
