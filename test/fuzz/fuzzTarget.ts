import type { Draw } from '../support/poisonedChunks.js';

/** A part of the project that is given inputs of every kind, and what says whether it deals with them rightly. */
export interface FuzzTarget {
  readonly name: string;
  /** How large a share of all inputs it gets, beside the others. */
  readonly weight: number;
  /** Sound inputs, from which others are made. */
  readonly seeds: readonly Uint8Array[];
  /** Makes a new input; half of all begin so, where it is there. */
  readonly generate?: (draw: Draw) => Uint8Array;
  /** Changes an input where it hurts, in ways that bytes taken at random would never hit; one change in three. */
  readonly mutate?: (input: Uint8Array, draw: Draw) => Uint8Array;
  /**
   * Gives an input to the code.
   *
   * @param draw - for the choices besides the input: options, cuts, neighbours.
   * @throws whatever shows that the code is wrong.
   */
  readonly run: (input: Uint8Array, draw: Draw) => void | Promise<void>;
}
