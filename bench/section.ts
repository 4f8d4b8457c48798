import type { CpuPair } from './machine.js';

/** The settings of a run. */
export interface BenchContext {
  readonly cpus: CpuPair;
  /** A folder for the files of a measurement, such as data and FIFOs. It is empty after each measurement. */
  readonly folder: string;
  /** The number of pairs: one reading of ours and one of its comparison. */
  readonly pairs: number;
  /** The approximate size of the data of a reading. */
  readonly byteLength: number;
  /** The approximate size of the data of its warm-up. */
  readonly warmUpByteLength: number;
  /** Shows the user the current part of a measurement. */
  readonly progress: (part: string) => void;
}

/** The result of a measurement: a line of JSON, and a row of the table. */
export interface Result {
  readonly json: Readonly<Record<string, number | string>> & { readonly case: string };
  readonly cells: readonly string[];
}

/** Measurements that share one table. */
export interface Section {
  readonly title: string;
  /** The heads of the columns. */
  readonly columns: readonly string[];
  /** The measurements, by their names on the command line. */
  readonly measurements: Readonly<Record<string, (context: BenchContext) => Promise<Result>>>;
  /** Whether `--quick` without names runs them. */
  readonly isQuick: boolean;
}
