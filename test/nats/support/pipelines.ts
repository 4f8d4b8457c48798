/** The pipelines that the helpers of the tests run. */
import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { map, tap, type Observable } from 'rxjs';
import { FormatError } from '../../../src/base/errors.js';
import { fromIterable } from '../../../src/sources/fromIterable.js';
import type { SplitPlace } from '../../../src/workers/crossing/protocol.js';

export interface Data {
  /** The number of items of a split. */
  readonly items: number;
  /** The number of float32 values of an item. */
  readonly size?: number;
  /** A file that gets one byte for each item. */
  readonly log?: string;
  /** The index of the split that fails. */
  readonly failing?: number;
  /** The index of the split that kills its process. */
  readonly killing?: number;
}

export interface Item {
  readonly id: string;
  readonly values: Float32Array;
}

export function pipeline(data: Data, { split, index, epoch }: SplitPlace): Observable<Item> {
  return fromIterable(Array.from({ length: data.items }, (_, item) => item)).pipe(
    tap((item) => {
      if (data.log !== undefined) appendFileSync(data.log, '.');
      if (item === 2 && index === data.killing) process.kill(process.pid, 'SIGKILL');
      if (item === 2 && index === data.failing)
        throw new FormatError('bad', { kind: 'malformed', format: 'Test', byteOffset: 7, recordIndex: item });
    }),
    map((item) => ({
      id: `${epoch} ${String(split)} ${item}`,
      values: new Float32Array(data.size ?? 10).fill(1000 * index + item + epoch / 2),
    })),
  );
}

/** Not a function of the split. */
export const numbers = fromIterable([1, 2, 3]);
