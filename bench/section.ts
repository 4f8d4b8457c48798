import type { CpuPair } from './machine.js';
import type { Target } from './targets.js';

export interface BenchContext {
  readonly cpus: CpuPair;
  /** A folder for data and FIFOs, empty after each measurement. */
  readonly folder: string;
  /** The number of pairs. A pair is one reading of this package and one reading of the compared program. */
  readonly pairs: number;
  /** The approximate size of the data for one reading, in bytes. */
  readonly byteLength: number;
  /** The approximate size of the data for the warm-up, in bytes. */
  readonly warmUpByteLength: number;
  readonly progress: (part: string) => void;
}

export interface Result {
  /** The fields of the line of JSON, without `case`, which is the name of the measurement. */
  readonly json: Readonly<Record<string, number | string | boolean>>;
  readonly cells: readonly string[];
  readonly targets?: readonly Target[];
}

export interface Section {
  readonly title: string;
  /** A name on the command line for all measurements of the section. */
  readonly name?: string;
  /** Says how much is measured, in one line. */
  readonly method?: (context: Omit<BenchContext, 'progress'>) => string;
  /** Returns the number of pairs if the command line does not set it. Default: the usual number. */
  readonly pairs?: (usual: number) => number;
  /** Returns one line that says which software a measurement lacks, and how to install it. */
  readonly missing?: (measurement: string) => string | undefined;
  /** `↑` after a ratio means that higher is better, and `↓` that lower is better. */
  readonly columns: readonly string[];
  /** The measurements by their names on the command line. */
  readonly measurements: Readonly<Record<string, (context: BenchContext) => Promise<Result>>>;
  /** True if `--quick` runs these measurements by default. */
  readonly isQuick: boolean;
}

/** The `pairs` of sections whose programs are so slow that more pairs would take an hour. */
export const atMostFivePairs = (usual: number): number => Math.min(usual, 5);
