import type { LayersModel, Sequential } from '@tensorflow/tfjs';
import type { Tf } from './backends.js';

/** Returns a model with two layers, whose weights are all `value`. */
export function modelOf(tf: Tf, value: number): Sequential {
  const kernelInitializer = tf.initializers.constant({ value });
  const layers = [
    tf.layers.dense({ inputShape: [300], units: 300, kernelInitializer, biasInitializer: kernelInitializer }),
    tf.layers.dense({ units: 2, kernelInitializer, biasInitializer: kernelInitializer }),
  ];
  return tf.sequential({ layers });
}

/** Returns the different values of the weights of a model. */
export function valuesOf(model: LayersModel): number[] {
  return [...new Set(model.getWeights().flatMap((weight) => [...weight.dataSync()]))];
}
