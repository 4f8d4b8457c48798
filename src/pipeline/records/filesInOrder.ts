import type { Observable } from 'rxjs';
import { seededRandom } from '../../base/seededRandom.js';
import { pullSource } from '../../demand/pullSource.js';
import type { RecordFile } from './recordFile.js';

/** @param signal - aborted when the list is no longer needed. */
export type ListFiles = (signal: AbortSignal) => Promise<readonly RecordFile[]>;

interface Order {
  /** The seed and the epoch, or `undefined` for the order of the list. */
  readonly order: readonly [number, number] | undefined;
  /** The index of the first file to read. */
  readonly first: number;
}

/** Emits the listed files one by one. */
export function filesInOrder(list: ListFiles, { order, first }: Order): Observable<RecordFile> {
  return pullSource((outlet) => {
    const controller = new AbortController();
    let files: RecordFile[] | undefined;
    let next = first;
    const step = (): void => {
      const file = files?.[next++];
      if (file) outlet.deliver(file);
      else outlet.complete();
    };
    const begin = (found: readonly RecordFile[]): void => {
      files = [...found];
      if (order) permute(files, seededRandom(...order));
      step();
    };
    return {
      pull: () => {
        if (files) step();
        else list(controller.signal).then(begin, outlet.fail);
      },
      close: () => controller.abort(),
    };
  }, 'list of files');
}

function permute(items: RecordFile[], random: (bound: number) => number): void {
  for (let end = items.length - 1; end > 0; end--) {
    const chosen = random(end + 1);
    [items[end], items[chosen]] = [items[chosen] as RecordFile, items[end] as RecordFile];
  }
}
