import { performance } from 'node:perf_hooks';
import { channel, fromFile, oneHot, scale } from 'millrace';
import { fixedLenFeature, rawFeature } from 'millrace/formats';
import { batch, decodeTFRecord, parseExample, shuffle } from 'millrace/operators';
import { map, repeat } from 'rxjs';

/** How long a batch takes to make, besides reading and parsing it. */
const BATCH_MS = 15;

/** Keeps the thread busy. */
export function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Batches of 64 of the case `example-readme`, read from its file, each of them 15 ms of work. */
export function costly(path: string) {
  return fromFile(path).pipe(
    decodeTFRecord(),
    batch(64),
    parseExample({ data: rawFeature([100], 'float64'), labels: fixedLenFeature([], 'int64') }),
    map((parsed) => {
      spin(BATCH_MS);
      return parsed;
    }),
  );
}

/** The training batches of the demo, epoch after epoch of the job's channel: the next one is made ahead as all else is. */
export function digits() {
  return channel('train').pipe(
    decodeTFRecord(),
    shuffle(1437, { seed: 7 }),
    batch(64),
    parseExample({ image: rawFeature([64], 'uint8'), label: fixedLenFeature([], 'int64') }),
    map(({ image, label }) => ({ xs: scale(image, 1 / 16), ys: oneHot(label, 10) })),
    repeat(),
  );
}
