import type { Observable } from 'rxjs';

/** The same bytes as an Observable and as a path. */
export interface JobInput {
  /** A cold Observable. A FIFO can be read only once. */
  readonly bytes$: Observable<Uint8Array>;
  readonly path: string;
}

/** Reads the input to the end in the measured process, and returns the number of records. */
export type Job = (input: JobInput) => Promise<number>;
