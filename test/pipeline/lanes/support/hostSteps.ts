import { repeat } from 'rxjs';
import { resumable } from '../../../../operators/resumable.js';
import { toAsyncIterable } from '../../../../src/consumers/toAsyncIterable.js';
import type { Cursor } from '../../../../src/resume/cursor.js';
import { inWorker } from '../../../../src/sources/inWorker.js';
import { pipeline, type OwnedData } from './ownedBatches.js';

export interface HostOptions extends OwnedData {
  /** 0: the pipeline runs on the main thread, which is one owner. */
  readonly threads: number;
  readonly epochs: number;
  readonly cursor: Cursor | undefined;
}

export interface HostStep {
  /** The host's part of the global batch. */
  readonly part: readonly string[];
  /** The position after the step. */
  readonly cursor: Cursor;
}

/** Runs a host of a training: yields its part of each global batch. */
export async function* hostSteps({ threads, epochs, cursor, ...data }: HostOptions): AsyncGenerator<HostStep> {
  const resume = resumable<readonly string[]>({ cursor, recordsPerItem: 1 });
  const module = new URL('./ownedBatches.js', import.meta.url);
  const threads$ = threads > 0 ? inWorker<typeof pipeline>(module, { data, workers: threads, epochs }) : undefined;
  try {
    const parts$ = (threads$ ?? pipeline(data)).pipe(resume, repeat(epochs - resume.cursor().epoch));
    let parts: string[] = [];
    for await (const part of toAsyncIterable(parts$)) {
      parts.push(...part);
      const after = resume.cursor();
      if (after.parts) continue;
      yield { part: parts, cursor: JSON.parse(JSON.stringify(after)) as Cursor };
      parts = [];
    }
  } finally {
    await threads$?.close();
  }
}
