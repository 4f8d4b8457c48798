/** What a boundary does with the items it holds. */
export interface Stage<T> {
  /** Takes an item in. */
  readonly receive: (item: T) => void;
  /** Whether a further item may come: what waits, is in flight and is finished is below the capacity. */
  readonly hasRoom: () => boolean;
  /**
   * Emits an item, if one is ready; says whether it did. Called only while the gate below is open, and may go on for as
   * long as that is open and the destination is not closed.
   */
  readonly emit: () => boolean;
  /** Whether nothing is held or in flight, so that the end may follow. */
  readonly isEmpty: () => boolean;
  /** Told when the source has completed or failed, before what is left is emitted. Default: nothing. */
  readonly sourceEnded?: (how: 'completed' | 'failed') => void;
  /** How many items it holds, where reports are to tell that. */
  readonly held?: () => number;
  /** How many items it has emitted. Default: as often as `emit` said that it did. */
  readonly emitted?: () => number;
  /** Lets go of what is held, at the end and on unsubscription. Default: nothing. */
  readonly clear?: () => void;
}
