import type * as TensorFlow from '@tensorflow/tfjs';
import { oneHot, scale, type NDArray } from 'millrace';
import { fixedLenFeature, rawFeature } from 'millrace/formats';

const CLASSES = 10;
const MAX_PIXEL = 16;
const PIXELS = 64;

/** The number of records in the training channel. A shuffle buffer of this size contains the whole epoch. */
export const TRAINING_RECORDS = 1437;

/** The features of each `tf.train.Example`. */
export const DIGIT_FEATURES = { image: rawFeature([PIXELS], 'uint8'), label: fixedLenFeature([], 'int64') };

/** Converts a batch of digits to the input and target of {@link digitsModel}. */
export function toInputAndTarget({ image, label }: { image: NDArray<'uint8'>; label: NDArray<'int64'> }) {
  return { xs: scale(image, 1 / MAX_PIXEL), ys: oneHot(label, CLASSES) };
}

/** Returns a small dense network, compiled, with the same initial weights in each run. */
export function digitsModel(tf: typeof TensorFlow, learningRate = 0.005): TensorFlow.Sequential {
  const { heNormal, glorotNormal } = tf.initializers;
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        inputShape: [PIXELS],
        units: 128,
        activation: 'relu',
        kernelInitializer: heNormal({ seed: 1 }),
      }),
      tf.layers.dense({ units: CLASSES, activation: 'softmax', kernelInitializer: glorotNormal({ seed: 2 }) }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(learningRate), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}
