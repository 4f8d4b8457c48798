import type { CpuPair } from './machine.js';

/** How a run is made. */
export interface BenchContext {
  readonly cpus: CpuPair;
  /** A folder for data, FIFOs and what else a measurement needs; empty again after each. */
  readonly folder: string;
  /** How often each measurement is taken beside what it is compared with. */
  readonly pairs: number;
  /** About how much data a reading takes, and the reading that warms it up. */
  readonly byteLength: number;
  readonly warmUpByteLength: number;
  /** Tells the user which part of a measurement goes on. */
  readonly progress: (part: string) => void;
}

/** What a measurement gives: the line of JSON, and the row of the table. */
export interface Result {
  readonly json: Readonly<Record<string, number | string>> & { readonly case: string };
  readonly cells: readonly string[];
}

/** Measurements that are reported in one table. */
export interface Section {
  readonly title: string;
  /** The heads of the columns. */
  readonly columns: readonly string[];
  /** Each by the name that the command line takes. */
  readonly measurements: Readonly<Record<string, (context: BenchContext) => Promise<Result>>>;
  /** Whether `--quick` takes them too, where no names are given. */
  readonly isQuick: boolean;
}
