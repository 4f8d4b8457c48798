import type { Draw } from '../support/poisonedChunks.js';

/** A part of the project, with a check of its results for any input. */
export interface FuzzTarget {
  readonly name: string;
  /** The share of inputs relative to other targets. */
  readonly weight: number;
  /** Valid inputs, from which other inputs are made. */
  readonly seeds: readonly Uint8Array[];
  /** Makes a new input. If set, half of all inputs start this way. */
  readonly generate?: (draw: Draw) => Uint8Array;
  /** Changes an input in ways that random bytes would never find. Used for one change in three. */
  readonly mutate?: (input: Uint8Array, draw: Draw) => Uint8Array;
  /**
   * Runs the code with an input.
   *
   * @param draw - for other choices: options, cuts, neighbours.
   * @throws an error if the code is wrong.
   */
  readonly run: (input: Uint8Array, draw: Draw) => void | Promise<void>;
}
