import type { Observable } from 'rxjs';

/** The input of a job: the same bytes as an Observable and as a path. */
export interface JobInput {
  /** A cold Observable. A FIFO can be read only once. */
  readonly bytes$: Observable<Uint8Array>;
  /** The path of the FIFO or file with the bytes. */
  readonly path: string;
}

/** Reads the input to the end in the measured process, and returns the number of records. */
export type Job = (input: JobInput) => Promise<number>;
