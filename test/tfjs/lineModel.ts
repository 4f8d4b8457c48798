import type { Sequential } from '@tensorflow/tfjs';
import type { Tf } from './backends.js';

/** Returns a compiled model that can learn a line: one neuron whose weights are zeros. */
export function lineModel(tf: Tf): Sequential {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1, kernelInitializer: 'zeros' })] });
  model.compile({ optimizer: tf.train.sgd(0.3), loss: 'meanSquaredError', metrics: ['mae'] });
  return model;
}
