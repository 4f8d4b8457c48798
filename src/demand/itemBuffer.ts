import type { TakeMemory } from './chunkMemory.js';

export interface ItemBuffer<T> {
  readonly receive: (item: T) => void;
  /** Returns true if the buffer can take another item. Waiting, pending and finished items all need room. */
  readonly hasRoom: () => boolean;
  /**
   * Emits an item if one is ready, and returns true if so. Called only while the downstream gate is open. May emit more
   * items while the gate is open and the destination is not closed.
   */
  readonly emit: () => boolean;
  /** Returns true if no item is held or pending, so that the completion or error of the source can be emitted. */
  readonly isEmpty: () => boolean;
  readonly sourceEnded?: (how: 'completed' | 'failed') => void;
  readonly held?: () => number;
  /** The total number of emitted items. Required if one call of `emit` may emit several items. */
  readonly emitted?: () => number;
  readonly clear?: () => void;
  /** For buffers of chunks: called by a source that is directly upstream. */
  readonly takeMemory?: TakeMemory;
}
