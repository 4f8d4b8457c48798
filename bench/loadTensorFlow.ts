import type * as tfjs from '@tensorflow/tfjs';

/**
 * tfjs on one of its backends. It is imported where it is wanted, so that no other job pays for it in memory and garbage
 * collections.
 */
export async function loadTensorFlow(backend: 'cpu' | 'wasm' = 'cpu'): Promise<typeof tfjs> {
  if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
  const tf = await import('@tensorflow/tfjs');
  tf.enableProdMode();
  // It falls back to another backend without a word.
  if (!(await tf.setBackend(backend)) || tf.getBackend() !== backend)
    throw new Error(`tfjs has no ${backend} backend.`);
  return tf;
}
