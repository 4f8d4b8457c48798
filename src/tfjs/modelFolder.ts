import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { ConfigError } from '../base/errors.js';
import { localPath } from '../base/localPath.js';
import { parseOptions } from '../base/parseOptions.js';
import { readJson } from '../base/readJson.js';
import { reasonOfFailure } from '../base/reasonOfFailure.js';
import { quote } from '../base/showValue.js';
import { createFile, removeFile, removeTemporaryFiles } from '../stores/fileWriter.js';

/** The part of `tf` that {@link modelFolder} uses. `A` is `ModelArtifacts`, and `I` is `ModelArtifactsInfo`. */
export interface ModelTensorFlow<A, I> {
  /** tfjs's functions for saving and loading. */
  readonly io: {
    /** Returns the sizes of a model's parts. */
    getModelArtifactsInfoForJSON(artifacts: A): I;
  };
}

/** The `IOHandler` that {@link modelFolder} returns. */
export interface ModelFolder<A, I> {
  /** Saves a model. */
  save(artifacts: A): Promise<{ modelArtifactsInfo: I }>;
  /** Loads a model. */
  load(): Promise<A>;
}

interface Artifacts {
  readonly weightData?: ArrayBuffer | ArrayBuffer[];
  readonly weightSpecs?: unknown;
}

const MODEL = 'model.json';

/** The name contains a checksum, so that new weights never replace the weights of the old `model.json`. */
const WEIGHTS = /^weights\.([0-9a-f]{16})\.bin$/;

const tensorFlowSchema = lazy(() =>
  z.custom<ModelTensorFlow<never, unknown>>(
    (tf) => typeof (tf as { io?: Record<string, unknown> } | null)?.io?.['getModelArtifactsInfoForJSON'] === 'function',
    'expected the namespace of tfjs as the first argument: import * as tf from "@tensorflow/tfjs"',
  ),
);

const modelSchema = lazy(() =>
  z.looseObject({
    modelTopology: z.looseObject({}),
    weightsManifest: z.array(
      z.looseObject({
        paths: z.array(z.string().regex(/^[^/\\]+$/, 'expected a file name')),
        weights: z.array(z.unknown()),
      }),
    ),
  }),
);

/**
 * Returns a handler for `model.save` and `tf.loadLayersModel` that stores a model in a folder, without tfjs-node.
 *
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { modelFolder } from 'millrace/tfjs';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 3 })] });
 * await model.save(modelFolder(tf, 'model'));
 * const loaded = await tf.loadLayersModel(modelFolder(tf, 'model'));
 * ```
 *
 * The folder is in the format of TensorFlow.js: `model.json`, and `weights.<checksum>.bin`. `save` creates the folder and
 * replaces its model. Even if the process is killed, the folder contains the complete old or the complete new model. Only
 * one process may save to a folder at a time. `load` also reads the models of other programs, for example of the
 * converter of TensorFlow.js. Memory: one copy of the weights.
 *
 * `save` rejects with a ChannelError if a file cannot be written. `load` rejects with a ConfigError if the folder
 * contains no complete model.
 *
 * @param folder - a path on this machine.
 * @throws ConfigError at the call if an argument is invalid.
 * @see https://www.tensorflow.org/js/guide/save_load
 */
export function modelFolder<A, I>(tf: ModelTensorFlow<A, I>, folder: string): ModelFolder<A, I> {
  parseOptions('modelFolder', tensorFlowSchema(), tf);
  parseOptions('modelFolder', localPath(), folder);
  if (basename(folder) === MODEL) {
    const message = `modelFolder: expected the folder of the model, found ${quote(folder)}: write ${quote(dirname(folder))}`;
    throw new ConfigError(message, { path: 'folder' });
  }
  return {
    save: async (artifacts) => {
      const modelArtifactsInfo = tf.io.getModelArtifactsInfoForJSON(artifacts);
      await save(folder, artifacts as Artifacts);
      return { modelArtifactsInfo };
    },
    load: async () => (await load(folder)) as A,
  };
}

async function save(folder: string, { weightData = [], weightSpecs = [], ...rest }: Artifacts): Promise<void> {
  const bytes = Buffer.concat([weightData].flat().map((buffer) => new Uint8Array(buffer)));
  const weights = `weights.${checksumOf(bytes)}.bin`;
  const model = { ...rest, weightsManifest: [{ paths: [weights], weights: weightSpecs }] };
  await write(join(folder, weights), bytes);
  await write(join(folder, MODEL), Buffer.from(JSON.stringify(model)));
  for (const name of await readdir(folder)) {
    if (WEIGHTS.test(name) && name !== weights) await removeFile(join(folder, name));
  }
  // The temporary files of processes that were killed.
  await removeTemporaryFiles(join(folder, '/'), (path) => isOurs(basename(path)));
}

const isOurs = (name: string): boolean => name === MODEL || WEIGHTS.test(name);

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const writer = await createFile(path, {});
  try {
    await writer.write(bytes);
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function load(folder: string): Promise<unknown> {
  const { names, weightSpecs, rest } = readModel(folder);
  try {
    const parts = await Promise.all(names.map((name) => readWeights(folder, name)));
    return { ...rest, weightSpecs, weightData: new Uint8Array(Buffer.concat(parts)).buffer };
  } catch (error) {
    // Another process may have saved a new model in the meantime.
    if (String(readModel(folder).names) !== String(names)) return load(folder);
    throw error;
  }
}

function readModel(folder: string) {
  const path = join(folder, MODEL);
  const model = parseOptions(path, modelSchema(), readJson(path, 'Save a model in this folder first.'));
  const { weightsManifest, ...rest } = model;
  const names = weightsManifest.flatMap(({ paths }) => paths);
  return { names, weightSpecs: weightsManifest.flatMap(({ weights }) => weights), rest };
}

async function readWeights(folder: string, name: string): Promise<Uint8Array> {
  const path = join(folder, name);
  const refusal = (why: string, cause?: unknown): ConfigError =>
    new ConfigError(`${path}: ${why}. Copy the whole folder again, or save the model again.`, { path: '', cause });
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw refusal(`the weights of the model cannot be read: ${reasonOfFailure(cause)}`, cause);
  });
  const expected = WEIGHTS.exec(name)?.[1] ?? checksumOf(bytes);
  if (expected === checksumOf(bytes)) return bytes;
  throw refusal(`the weights of the model are damaged: the checksum of their ${bytes.length} bytes is wrong`);
}

function checksumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}
