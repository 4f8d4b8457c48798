import type { CpuPair } from './machine.js';

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
  readonly json: Readonly<Record<string, number | string>> & { readonly case: string };
  readonly cells: readonly string[];
}

export interface Section {
  readonly title: string;
  /** A name on the command line for all measurements of the section. */
  readonly name?: string;
  /** Returns one line that says how to install missing software, or `undefined` if none is missing. */
  readonly missing?: () => string | undefined;
  readonly columns: readonly string[];
  /** The measurements by their names on the command line. */
  readonly measurements: Readonly<Record<string, (context: BenchContext) => Promise<Result>>>;
  /** True if `--quick` runs these measurements by default. */
  readonly isQuick: boolean;
}
