import type { TakeMemory } from './chunkMemory.js';

export interface ItemBuffer<T> {
  readonly receive: (item: T) => void;
  /** Returns true if the buffer can accept another item. Counts waiting and pending items, and unemitted results. */
  readonly hasRoom: () => boolean;
  /**
   * If an item is ready, emits it and returns true. Called only while the downstream gate is open. May emit more items
   * while the gate is open and the destination is not closed.
   */
  readonly emit: () => boolean;
  /** Returns true if no item is stored or pending, so that the completion or error of the source can be emitted. */
  readonly isEmpty: () => boolean;
  readonly sourceEnded?: (how: 'completed' | 'failed') => void;
  readonly held?: () => number;
  /** The total number of emitted items. Required if one call of `emit` may emit several items. */
  readonly emitted?: () => number;
  readonly clear?: () => void;
  /** For buffers of chunks: called by a source that is directly upstream. */
  readonly takeMemory?: TakeMemory;
}
