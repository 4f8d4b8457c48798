import type { Observable } from 'rxjs';

export interface JobInput {
  /** The content of the file or FIFO. A FIFO can be read only once. */
  readonly bytes$: Observable<Uint8Array>;
  readonly path: string;
}

/** Reads the input to the end. Returns the number of records. */
export type Job = (input: JobInput) => Promise<number>;
