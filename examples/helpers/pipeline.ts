import { oneHot, recordsFromFiles, scale } from 'millrace';
import { fixedLenFeature, rawFeature } from 'millrace/formats';
import type { SplitPlace } from 'millrace/nats';
import { batch, parseExample, shard, shuffle } from 'millrace/operators';
import { map } from 'rxjs';

export interface Data {
  readonly file: string;
  readonly seed: number;
  /** The number of splits. */
  readonly count: number;
}

/**
 * The data is one small file, so each split reads every `count`th record. With many files, let each split read one
 * file.
 */
export const pipeline = ({ file, seed, count }: Data, { index, epoch }: SplitPlace) =>
  recordsFromFiles(file, { recordFormat: 'TFRecord' }).pipe(
    shard({ count, index }),
    shuffle(1000, { seed: seed + 1000 * epoch + index }),
    batch(64),
    parseExample({ image: rawFeature([64], 'uint8'), label: fixedLenFeature([], 'int64') }),
    map(({ image, label }) => ({ xs: scale(image, 1 / 16), ys: oneHot(label, 10) })),
  );
