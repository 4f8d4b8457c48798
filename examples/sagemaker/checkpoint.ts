import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type * as TensorFlow from '@tensorflow/tfjs';
import type { Cursor } from 'millrace';

/** A model with the state of its optimizer, and the cursor to resume from. */
export interface Checkpoint {
  readonly model: TensorFlow.LayersModel;
  readonly cursor: Cursor;
}

interface CheckpointFile {
  readonly cursor: Cursor;
  readonly artifacts: Omit<TensorFlow.io.ModelArtifacts, 'weightData'>;
  /** The weights of the model and the optimizer, in base64. */
  readonly weights: string;
}

/**
 * Saves a checkpoint as one file, which atomically replaces the previous file. SageMaker uploads each file separately.
 * So with two files, one could be older than the other after a crash.
 */
export async function saveCheckpoint(tf: typeof TensorFlow, path: string, checkpoint: Checkpoint): Promise<void> {
  const { CompositeArrayBuffer, getModelArtifactsInfoForJSON, withSaveHandler } = tf.io;
  const handler = withSaveHandler(async ({ weightData, ...artifacts }) => {
    const weights = Buffer.from(CompositeArrayBuffer.join(weightData)).toString('base64');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, JSON.stringify({ cursor: checkpoint.cursor, artifacts, weights }));
    await rename(`${path}.new`, path);
    return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
  });
  await checkpoint.model.save(handler, { includeOptimizer: true });
}

/** Returns `undefined` if there is no checkpoint. */
export async function loadCheckpoint(tf: typeof TensorFlow, path: string): Promise<Checkpoint | undefined> {
  if (!existsSync(path)) return undefined;
  const { cursor, artifacts, weights } = JSON.parse(await readFile(path, 'utf8')) as CheckpointFile;
  const weightData = Uint8Array.from(Buffer.from(weights, 'base64')).buffer;
  return { model: await tf.loadLayersModel(tf.io.fromMemory({ ...artifacts, weightData })), cursor };
}
