import type { Observable } from 'rxjs';

/** What a job reads: the same bytes, as it likes to have them. */
export interface JobInput {
  /** Cold; a FIFO can be read once. */
  readonly bytes$: Observable<Uint8Array>;
  /** The FIFO or file that they come from. */
  readonly path: string;
}

/** Reads its input to the end, in the process that is measured, and says how many records came out. */
export type Job = (input: JobInput) => Promise<number>;
