import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as TensorFlow from '@tensorflow/tfjs';

const MODEL = 'model.json';
const WEIGHTS = 'weights.bin';

/**
 * Returns a handler for `model.save` and `tf.loadLayersModel` that uses a folder, in the format of TensorFlow.js. The
 * built-in `file://` handler would need tfjs-node.
 */
export function modelFolder(tf: typeof TensorFlow, folder: string): TensorFlow.io.IOHandler {
  const { CompositeArrayBuffer, getModelArtifactsForJSON, getModelArtifactsInfoForJSON } = tf.io;
  return {
    async save(artifacts) {
      const { weightData, weightSpecs = [], ...rest } = artifacts;
      const model = { ...rest, weightsManifest: [{ paths: [WEIGHTS], weights: weightSpecs }] };
      await writeFile(join(folder, WEIGHTS), new Uint8Array(CompositeArrayBuffer.join(weightData)));
      await writeFile(join(folder, MODEL), JSON.stringify(model));
      return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
    },
    async load() {
      const model = JSON.parse(await readFile(join(folder, MODEL), 'utf8')) as TensorFlow.io.ModelJSON;
      return getModelArtifactsForJSON(model, async (manifest) => {
        const weights = Uint8Array.from(await readFile(join(folder, WEIGHTS)));
        return [manifest.flatMap((group) => group.weights), weights.buffer];
      });
    },
  };
}
