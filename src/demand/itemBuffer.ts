export interface ItemBuffer<T> {
  readonly receive: (item: T) => void;
  /** Whether the number of waiting, pending and finished items is below the capacity. */
  readonly hasRoom: () => boolean;
  /**
   * Emits an item if one is ready, and returns whether it has emitted. Called only while the gate below is open. It may
   * emit more items while that gate is open and the destination is not closed.
   */
  readonly emit: () => boolean;
  /** Whether no item is held or pending, so that the completion or error of the source is passed on. */
  readonly isEmpty: () => boolean;
  /** Called before the held items are emitted. */
  readonly sourceEnded?: (how: 'completed' | 'failed') => void;
  /** Reports show it. Default: unknown. */
  readonly held?: () => number;
  /** The total number of emitted items. Required if `emit` may emit several items. Default: one for each `emit`. */
  readonly emitted?: () => number;
  /** Drops the held items, at the end and on unsubscription. */
  readonly clear?: () => void;
}
