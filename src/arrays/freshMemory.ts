import { mapArrays } from './mapArrays.js';
import { shared } from '../base/shared.js';

/**
 * The marks, shared by all copies of this package: one copy must not move memory that another keeps. Undefined until
 * tracking starts, so marking costs nothing on a thread that moves nothing.
 */
const fresh = shared('freshMemory', (): { marks: WeakSet<ArrayBufferView> | undefined } => ({ marks: undefined }));

/** Lets memory be marked from now on, on this thread. */
export function trackFreshMemory(): void {
  fresh.marks ??= new WeakSet();
}

/**
 * Marks memory that was just allocated for the item that it goes out with, and that its maker does not keep: whoever
 * receives the item may move it to another thread, which leaves nothing here.
 */
export function markFresh(memory: ArrayBufferView): void {
  fresh.marks?.add(memory);
}

/** {@link markFresh} for the NDArrays in a structure. The elements of `bytes` are views on other memory, as they come. */
export function markFreshArrays(value: unknown): void {
  if (fresh.marks) forEachArray(value, markFresh);
}

/** Whether memory was marked, and nobody has kept it since. */
export function isFresh(memory: ArrayBufferView): boolean {
  return fresh.marks?.has(memory) ?? false;
}

/** Takes the marks from the NDArrays in a structure: for who emits it and keeps it, or gives it to several. */
export function keepMemory(value: unknown): void {
  if (fresh.marks) forEachArray(value, (memory) => fresh.marks?.delete(memory));
}

function forEachArray(value: unknown, visit: (memory: ArrayBufferView) => void): void {
  mapArrays(value, (array) => {
    if (array.dtype !== 'bytes') visit(array.data);
    return array;
  });
}
