import type { Observable } from 'rxjs';

/** The input of a job: the same bytes as an Observable and as a path. */
export interface JobInput {
  /** Cold. A FIFO can be read only once. */
  readonly bytes$: Observable<Uint8Array>;
  /** The FIFO or file that they come from. */
  readonly path: string;
}

/** Reads its input to the end in the measured process, and returns the number of records. */
export type Job = (input: JobInput) => Promise<number>;
