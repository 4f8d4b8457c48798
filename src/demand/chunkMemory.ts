import type { Subscriber } from 'rxjs';
import { PROTOCOL } from '../base/shared.js';

/**
 * Returns memory for the next chunk, with undefined content. The last chunk in this memory has been read, and no item
 * refers to this memory. Returns `undefined` if items refer to chunks, so that the source must allocate memory.
 */
export type TakeMemory = (byteLength: number) => Uint8Array | undefined;

export const TAKE_MEMORY = Symbol.for(`millrace.takeMemory@${PROTOCOL}`);

/**
 * Returns the `TakeMemory` of a subscriber. Does not search further downstream, because an operator between a source
 * and a decoder could keep the chunks.
 */
export function memoryOf(subscriber: Subscriber<unknown>): TakeMemory | undefined {
  return (subscriber as { readonly [TAKE_MEMORY]?: TakeMemory })[TAKE_MEMORY];
}

/**
 * Returns the `carries` for an operator that only forwards chunks. Its source then finds the `TakeMemory` of
 * `destination`.
 */
export function carriedMemory(destination: Subscriber<unknown>): Readonly<Record<symbol, object>> | undefined {
  const takeMemory = memoryOf(destination);
  return takeMemory && { [TAKE_MEMORY]: takeMemory };
}
