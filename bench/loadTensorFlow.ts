import type * as tfjs from '@tensorflow/tfjs';

/** Imports tfjs on demand, because the import would cause memory use and garbage collections in other jobs. */
export async function loadTensorFlow(backend: 'cpu' | 'wasm' = 'cpu'): Promise<typeof tfjs> {
  if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
  const tf = await import('@tensorflow/tfjs');
  tf.enableProdMode();
  // tfjs silently falls back to another backend.
  if (!(await tf.setBackend(backend)) || tf.getBackend() !== backend)
    throw new Error(`tfjs cannot use the backend ${backend} here.`);
  return tf;
}
