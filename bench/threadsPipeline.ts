import { recordsFromFiles, type WorkerPlace } from 'millrace';
import { fixedLenFeature, rawFeature } from 'millrace/formats';
import { batch, parseExample, shard } from 'millrace/operators';
import { map } from 'rxjs';

/** Rounds of arithmetic for each batch: about 13 ms of CPU time. */
const ROUNDS = 240;

/** The batches of a thread. Each thread reads the whole file, and parses and transforms its batches. */
export function transformed(path: string, place: WorkerPlace) {
  return recordsFromFiles(path, { recordFormat: 'TFRecord' }).pipe(
    batch(64),
    shard(place),
    parseExample({ data: rawFeature([100], 'float64'), labels: fixedLenFeature([], 'int64') }),
    map(({ data, labels }) => {
      const { data: numbers } = data;
      for (let round = 0; round < ROUNDS; round++) {
        for (let i = 0; i < numbers.length; i++) numbers[i] = Math.sin((numbers[i] ?? 0) + round);
      }
      return { data, labels };
    }),
  );
}
