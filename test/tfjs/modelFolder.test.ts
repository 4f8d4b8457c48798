import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import { ConfigError, MillraceError } from '../../src/base/errors.js';
import { modelFolder } from '../../src/tfjs/index.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { loadBackend, type Tf } from './backends.js';
import { modelOf, valuesOf } from './modelOf.js';

const newFolder = temporaryFolders();
const json = (path: string): Record<string, unknown> => JSON.parse(readFileSync(path, 'utf8')) as never;
const WEIGHTS = expect.stringMatching(/^weights\.[0-9a-f]{16}\.bin$/) as unknown;

describe('modelFolder', () => {
  let tf: Tf;
  beforeAll(async () => {
    tf = await loadBackend('cpu');
  });

  const saved = async (value: number, folder = newFolder()): Promise<string> => {
    await modelOf(tf, value).save(modelFolder(tf, folder));
    return folder;
  };
  const load = (folder: string): Promise<LayersModel> => tf.loadLayersModel(modelFolder(tf, folder));
  const weightsIn = (folder: string): string => readdirSync(folder).find((name) => name.endsWith('.bin')) ?? '';

  it('loads the model that was saved, with its predictions and its training configuration', async () => {
    const folder = join(newFolder(), 'new', 'model');
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [3], units: 4, activation: 'tanh' }),
        tf.layers.batchNormalization(),
        tf.layers.dense({ units: 2, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    model.setUserDefinedMetadata({ classes: ['é', 'b'] });
    const result = await model.save(modelFolder(tf, folder), { includeOptimizer: true });
    expect(result.modelArtifactsInfo.modelTopologyType).toBe('JSON');
    const loaded = await load(folder);
    const xs = tf.tensor([[1, 2, 3]]);
    expect((loaded.predict(xs) as Tensor).arraySync()).toEqual((model.predict(xs) as Tensor).arraySync());
    expect(loaded.getUserDefinedMetadata()).toEqual({ classes: ['é', 'b'] });
    expect(loaded.loss).toBe('categoricalCrossentropy');
  });

  it('writes the format of TensorFlow.js', async () => {
    const folder = await saved(1);
    expect(readdirSync(folder).sort()).toEqual(['model.json', WEIGHTS]);
    const { weightsManifest } = json(join(folder, 'model.json')) as { weightsManifest: unknown };
    expect(weightsManifest).toEqual([
      {
        paths: [weightsIn(folder)],
        weights: [
          { name: expect.any(String), shape: [300, 300], dtype: 'float32' },
          { name: expect.any(String), shape: [300], dtype: 'float32' },
          { name: expect.any(String), shape: [300, 2], dtype: 'float32' },
          { name: expect.any(String), shape: [2], dtype: 'float32' },
        ],
      },
    ]);
    expect(readFileSync(join(folder, weightsIn(folder))).length).toBe(4 * (300 * 301 + 301 * 2));
  });

  it('replaces the old model, and leaves other files', async () => {
    const folder = await saved(1);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    writeFileSync(join(folder, 'weights.bin'), 'of another program');
    writeFileSync(join(folder, '.model.json.0123456789abcdef.millrace-tmp'), 'of a killed process');
    writeFileSync(join(folder, '.a.bin.0123456789abcdef.millrace-tmp'), 'of another writer');
    await saved(2, folder);
    expect(valuesOf(await load(folder))).toEqual([2]);
    rmSync(join(folder, '.a.bin.0123456789abcdef.millrace-tmp'));
    expect(readdirSync(folder).sort()).toEqual(['model.json', 'notes.txt', WEIGHTS, 'weights.bin']);
    await saved(2, folder);
    expect(valuesOf(await load(folder))).toEqual([2]);
  });

  it('keeps the old model if the new one cannot be written', async () => {
    const folder = await saved(1);
    rmSync(join(folder, 'model.json'));
    mkdirSync(join(folder, 'model.json'));
    const failure = saved(2, folder);
    await expect(failure).rejects.toMatchObject({ name: 'ChannelError', errno: 'EISDIR' });
    await expect(failure).rejects.toThrow('model.json');
    expect(readdirSync(folder).filter((name) => name.endsWith('tmp'))).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('loads models of other programs, with several files of weights', async () => {
    const folder = await saved(3);
    const bytes = readFileSync(join(folder, weightsIn(folder)));
    const model = json(join(folder, 'model.json')) as { weightsManifest: { paths: string[] }[] };
    rmSync(join(folder, weightsIn(folder)));
    model.weightsManifest[0]!.paths = ['group1-shard1of2.bin', 'group1-shard2of2.bin'];
    writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
    writeFileSync(join(folder, 'group1-shard1of2.bin'), bytes.subarray(0, 1001));
    writeFileSync(join(folder, 'group1-shard2of2.bin'), bytes.subarray(1001));
    expect(valuesOf(await load(folder))).toEqual([3]);
  });

  it('loads the new model if it is saved while the old one is being loaded', async () => {
    const folder = await saved(1);
    const newer = await saved(2);
    rmSync(join(folder, weightsIn(folder)));
    const loading = load(folder); // has read the old model.json now
    for (const name of readdirSync(newer)) renameSync(join(newer, name), join(folder, name));
    expect(valuesOf(await loading)).toEqual([2]);
  });

  it.each<[string, (folder: string) => void, string]>([
    ['without model.json', (folder) => rmSync(join(folder, 'model.json')), 'model.json cannot be read: '],
    ['of text', (folder) => writeFileSync(join(folder, 'model.json'), '{"modelTopology":'), 'model.json is not JSON'],
    ['without a model', (folder) => writeFileSync(join(folder, 'model.json'), '{}'), 'modelTopology: expected '],
    [
      'with a path to another folder',
      (folder) => {
        const text = readFileSync(join(folder, 'model.json'), 'utf8');
        writeFileSync(join(folder, 'model.json'), text.replace(/weights\.\w+\.bin/, '../weights.bin'));
      },
      'weightsManifest[0].paths[0]: expected a file name, found "../weights.bin"',
    ],
    ['without weights', (folder) => rmSync(join(folder, weightsIn(folder))), 'cannot be read: it does not exist. Copy'],
    ['with cut weights', (folder) => truncateSync(join(folder, weightsIn(folder)), 100), 'of their 100 bytes is wrong'],
  ])('refuses a folder %s', async (_, damage, message) => {
    const folder = await saved(1);
    damage(folder);
    const failure = load(folder);
    await expect(failure).rejects.toThrow(ConfigError);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toThrow(folder);
  });

  it('throws at the call for an invalid argument', () => {
    expect(() => modelFolder({} as never, 'model')).toThrow('modelFolder: expected the namespace of tfjs');
    expect(() => modelFolder(tf, '')).toThrow(MillraceError);
    expect(() => modelFolder(tf, 's3://bucket/model')).toThrow('modelFolder: expected a path on this machine');
    expect(() => modelFolder(tf, 5 as never)).toThrow(ConfigError);
    expect(() => modelFolder(tf, 'a/model.json')).toThrow(
      'expected the folder of the model, found "a/model.json": write "a"',
    );
  });
});
