import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { map, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { parseExample } from '../../operators/parseExample.js';
import { prefetch } from '../../operators/prefetch.js';
import { resumable } from '../../operators/resumable.js';
import { shuffle } from '../../operators/shuffle.js';
import type { Cursor } from '../../src/resume/cursor.js';
import type { NDArray } from '../../src/arrays/ndarray.js';
import { encodeExample } from '../../src/formats/example/encodeExample.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { fixedLenFeature } from '../../src/formats/example/features.js';
import { fromFile } from '../../src/sources/fromFile.js';
import { fitDataset } from '../../src/tfjs/fitDataset.js';
import { toDataset } from '../../src/tfjs/toDataset.js';
import { writeFiles } from '../pipeline/recordFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { BACKENDS, loadBackend } from './backends.js';
import { lineModel } from './lineModel.js';

const tf = await loadBackend(BACKENDS[0] ?? 'cpu');

const EPOCHS = 3;
const BATCHES = 4;
const newFolder = temporaryFolders();
const features = { x: fixedLenFeature([1], 'float32') };

/** Returns sixteen points in batches of four, in a different order in each epoch. */
function newBatches(): () => Observable<{ xs: NDArray; ys: NDArray }> {
  const file = join(newFolder(), 'train.tfrecord');
  const points = Array.from({ length: 4 * BATCHES }, (_, i) => encodeExample({ x: { floatList: [i / 16] } }));
  writeFiles('/', { [file]: Buffer.concat(points.map((point) => encodeTFRecord(point))) });
  return () =>
    fromFile(file).pipe(
      decodeTFRecord(),
      shuffle(16, { seed: 7 }),
      batch(4),
      parseExample(features),
      map(({ x }) => ({ xs: x, ys: x })),
      prefetch(3),
    );
}

/** The content of a checkpoint. */
interface Checkpoint {
  readonly cursor: Cursor;
  readonly weights: readonly number[];
}

type Moment = 'onBatchEnd' | 'onEpochEnd';

/** Trains from a checkpoint. Returns a new checkpoint for each call of the given callback. */
async function train(batches$: Observable<{ xs: NDArray; ys: NDArray }>, moment: Moment, from?: Checkpoint) {
  const resume = resumable<{ xs: NDArray; ys: NDArray }>({ cursor: from?.cursor });
  const model = lineModel(tf);
  const [kernel, bias] = from?.weights ?? [0, 0];
  model.setWeights([tf.tensor2d([[kernel!]]), tf.tensor1d([bias!])]);
  const weights = (): number[] => model.getWeights().flatMap((weight) => [...weight.dataSync()]);
  const checkpoints: Checkpoint[] = [];
  const save = (): void => {
    checkpoints.push({ cursor: resume.cursor(), weights: weights() });
  };
  await fitDataset(model, toDataset(tf, batches$.pipe(resume)), {
    epochs: EPOCHS,
    initialEpoch: resume.cursor().epoch,
    verbose: 0,
    callbacks: { [moment]: save },
  });
  return { checkpoints, weights: weights() };
}

describe('resumable, in fitDataset', () => {
  it.each(['onBatchEnd', 'onEpochEnd'] as const)(
    'trains to the same weights from any checkpoint of %s',
    async (moment) => {
      const batches = newBatches();
      const whole = await train(batches(), moment);
      expect(whole.checkpoints).toHaveLength(moment === 'onBatchEnd' ? EPOCHS * BATCHES : EPOCHS);
      for (const checkpoint of whole.checkpoints.slice(0, -1)) {
        const { weights } = await train(batches(), moment, checkpoint);
        expect(weights).toEqual(whole.weights);
      }
    },
  );

  it('trains on nothing, without an error, if the last epoch was already finished', async () => {
    const batches = newBatches();
    const { checkpoints, weights } = await train(batches(), 'onBatchEnd');
    const resumed = await train(batches(), 'onBatchEnd', checkpoints.at(-1));
    expect(resumed).toEqual({ checkpoints: [], weights });
  });

  it('counts trained batches at onBatchEnd, and is in the next epoch at onEpochEnd', async () => {
    const batches = newBatches();
    const position = ({ cursor }: Checkpoint): number[] => [cursor.epoch, cursor.items];
    const { checkpoints } = await train(batches(), 'onBatchEnd');
    expect(checkpoints.slice(0, 5).map(position)).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
      [0, 4],
      [1, 1],
    ]);
    expect((await train(batches(), 'onEpochEnd')).checkpoints.map(position)).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
  });
});
