import { performance } from 'node:perf_hooks';
import { channel, fromFile, oneHot, scale } from 'millrace';
import { fixedLenFeature, rawFeature } from 'millrace/formats';
import { batch, decodeTFRecord, parseExample, shuffle } from 'millrace/operators';
import { map } from 'rxjs';

/** The work for each batch in milliseconds, without reading and parsing. */
const BATCH_MS = 15;

export function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Reads batches of 64 from the file of the case `example-readme`, with 15 ms of work for each batch. */
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

/** The training batches of the demo, one epoch for each subscription. */
export function digits() {
  return channel('train').pipe(
    decodeTFRecord(),
    shuffle(1437, { seed: 7 }),
    batch(64),
    parseExample({ image: rawFeature([64], 'uint8'), label: fixedLenFeature([], 'int64') }),
    map(({ image, label }) => ({ xs: scale(image, 1 / 16), ys: oneHot(label, 10) })),
  );
}
