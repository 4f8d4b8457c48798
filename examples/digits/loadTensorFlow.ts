import type * as TensorFlow from '@tensorflow/tfjs';

/** The backends, the fastest first. The last package of each backend exports the namespace `tf`. */
const CHOICES = [
  { backend: 'tensorflow', packages: ['@tensorflow/tfjs-node'] },
  { backend: 'wasm', packages: ['@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs'] },
  { backend: 'cpu', packages: ['@tensorflow/tfjs'] },
] as const;

/** Returns tfjs with the fastest backend that works. */
export async function loadTensorFlow(): Promise<typeof TensorFlow> {
  for (const { backend, packages } of CHOICES) {
    try {
      let tf: typeof TensorFlow | undefined;
      for (const name of packages) tf = (await import(name)) as typeof TensorFlow;
      // If a backend does not work, tfjs silently uses a different backend.
      if (tf && (await tf.setBackend(backend)) && tf.getBackend() === backend) {
        // On Node 23 and later, tfjs-node 4.22 loads, but fails at the first operation.
        tf.relu([1]).dispose();
        return tf;
      }
      console.warn(`The backend ${backend} of tfjs cannot be used here.`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') {
        console.warn(`${packages.join(' and ')} cannot be loaded: ${String(error)}`);
      }
    }
  }
  throw new Error('No TensorFlow.js is installed: npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm');
}
