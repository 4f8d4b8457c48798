/** How a boundary holds its items. */
export interface ItemBuffer<T> {
  /** Takes an item in. */
  readonly receive: (item: T) => void;
  /** Whether another item may come: items that wait, are in work or are done are fewer than the capacity. */
  readonly hasRoom: () => boolean;
  /**
   * Emits an item if one is ready, and returns whether it did. Called only while the gate below is open. It may emit more
   * while that gate is open and the destination is not closed.
   */
  readonly emit: () => boolean;
  /** Whether no item is held or in work, so the end may follow. */
  readonly isEmpty: () => boolean;
  /** Called when the source has ended, before the held items are emitted. Default: nothing. */
  readonly sourceEnded?: (how: 'completed' | 'failed') => void;
  /** The number of held items, for reports. Default: unknown. */
  readonly held?: () => number;
  /** The number of emitted items. Required if `emit` emits more than one at a time. Default: one for each `emit`. */
  readonly emitted?: () => number;
  /** Drops the held items, at the end and on unsubscription. Default: nothing. */
  readonly clear?: () => void;
}
