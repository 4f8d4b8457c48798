import type * as tfjs from '@tensorflow/tfjs';

/**
 * tfjs on its cpu backend. It is imported where it is wanted, so that no other job pays for it in memory and garbage
 * collections.
 */
export async function loadTensorFlow(): Promise<typeof tfjs> {
  const tf = await import('@tensorflow/tfjs');
  tf.enableProdMode();
  if (!(await tf.setBackend('cpu'))) throw new Error('tfjs has no cpu backend.');
  return tf;
}
