import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { concat, lastValueFrom, throwError, toArray, type Observable } from 'rxjs';
import { writeRecords, type WriteRecordsOptions } from '../../../src/sinks/writeRecords.js';
import { fromIterable } from '../../../src/sources/fromIterable.js';

/** Returns records of different lengths. Equal arguments give equal records. */
export function numberedRecords(count: number, length = 10): Uint8Array[] {
  return Array.from({ length: count }, (_, index) =>
    Buffer.from(`record ${index} `.padEnd(length + (index % 7), 'ab')),
  );
}

/** Emits records on demand, and counts the requests. */
export function countedSource(records: readonly Uint8Array[]): {
  source$: Observable<Uint8Array>;
  asked: () => number;
} {
  let asked = 0;
  function* each() {
    for (const record of records) {
      asked++;
      yield record;
    }
  }
  return { source$: fromIterable({ [Symbol.iterator]: each }), asked: () => asked };
}

/** Returns the content of each file of a folder, including hidden files. */
export function contentOf(folder: string): Record<string, string> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name)).toString('latin1')]));
}

export function all<T>(source$: Observable<T>): Promise<T[]> {
  return lastValueFrom(source$.pipe(toArray()));
}

export const TF_RECORDS = { recordFormat: 'TFRecord', recordsPerFile: 10 } as const;

/** Writes to a folder until a record fails, and returns the error. */
export async function interrupted(
  folder: string,
  after: number,
  options: Partial<WriteRecordsOptions<Uint8Array>> = {},
) {
  const failing$ = concat(
    fromIterable(numberedRecords(after)),
    throwError(() => new Error('the source')),
  );
  const writing = writeRecords(failing$, join(folder, 'part-{shard}.tfrecord'), { ...TF_RECORDS, ...options });
  return writing.then(
    () => undefined,
    (error: unknown) => error,
  );
}
