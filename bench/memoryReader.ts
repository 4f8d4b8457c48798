/** A process with a slow consumer of ten million items in batches. Prints the number of items and the peak memory. */
import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { fromIterable, toAsyncIterable } from 'millrace';
import { bufferCount, concatMap, from } from 'rxjs';

export type MemoryWay = 'fromIterable' | 'from';

/** The JSON on standard output. */
export interface MemoryReading {
  readonly items: number;
  /** The peak of the whole process. */
  readonly peakRssBytes: number;
}

const ITEMS = 10_000_000;
const BATCH = 64;

let items = 0;

/** Each batch takes a turn of the event loop. RxJS's `from` does not wait for it. */
async function consume(batchOfItems: readonly object[]): Promise<void> {
  items += batchOfItems.length;
  await setImmediate();
}

function* objects(): Generator<object> {
  for (let index = 0; index < ITEMS; index++) yield { index };
}

const WAYS: Readonly<Record<MemoryWay, () => Promise<void>>> = {
  fromIterable: async () => {
    const batches$ = fromIterable(objects()).pipe(bufferCount(BATCH));
    for await (const some of toAsyncIterable(batches$)) await consume(some);
  },
  from: () =>
    from(objects())
      .pipe(bufferCount(BATCH), concatMap(consume))
      .forEach(() => undefined),
};

await WAYS[process.argv[2] as MemoryWay]();
const reading: MemoryReading = { items, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
console.log(JSON.stringify(reading));
