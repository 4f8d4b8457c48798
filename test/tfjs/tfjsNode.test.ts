import { execFile } from 'node:child_process';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { ndarray } from '../../src/arrays/ndarray.js';
import { fitDataset, toDataset } from '../../src/tfjs/index.js';
import { toTensors } from '../../src/tfjs/toTensors.js';
import { compiled } from '../support/compiled.js';
import { runs } from '../support/runs.js';
import { BACKENDS, loadBackend, type Tf } from './backends.js';
import { CountedSource } from './countedSource.js';
import type { Held } from './manyEpochs.program.js';

const MEBIBYTE = 2 ** 20;
const EPOCHS = runs(2000, 800);

// Tests the statements of docs/guides/tfjs-node.md. Only `npm run test:tfjs-node` runs these tests.
const describeOnTensorFlow = BACKENDS.includes('tensorflow') ? describe : describe.skip;

describeOnTensorFlow('the bridge on @tensorflow/tfjs-node alone', () => {
  let tf: Tf;
  beforeAll(async () => {
    tf = await loadBackend('tensorflow');
  });
  beforeEach(() => {
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
  });

  function tensorOf(data: Float32Array): ReturnType<Tf['tensor']> {
    return toTensors(tf, ndarray('float32', [data.length], data), 'int32') as ReturnType<Tf['tensor']>;
  }

  it('does not copy a batch before the first operation', () => {
    const data = Float32Array.of(1, 2);
    const tensor = tensorOf(data);
    data[0] = 9;
    expect(tensor.dataSync()).toBe(data);
  });

  it('shares the memory of a batch with TensorFlow if it begins at a multiple of 64 bytes, and copies it otherwise', () => {
    const STEP = Float32Array.BYTES_PER_ELEMENT;
    // For any start of the buffer, one of these begins at a multiple of 64 bytes.
    const buffer = new ArrayBuffer(128);
    const readsAfterWriting = Array.from({ length: 64 / STEP }, (_, index) => {
      const data = new Float32Array(buffer, index * STEP, 1).fill(1);
      const tensor = tensorOf(data);
      tf.add(tensor, 1);
      data.fill(2);
      return tensor.dataSync()[0]!;
    });
    expect(readsAfterWriting.sort()).toEqual([...Array<number>(15).fill(1), 2]);
  });

  it("returns a writable copy of TensorFlow's data", () => {
    const tensor = tensorOf(Float32Array.of(1));
    tf.add(tensor, 1);
    tensor.dataSync()[0] = 9;
    expect(tensor.dataSync()[0]).toBe(1);
  });

  it('computes with a byte of 2 in a bool, which toDataset never makes', () => {
    const bytes = Uint8Array.of(0, 1, 2);
    const bySelf = tf.logicalNot(tf.tensor(bytes, [3], 'bool'));
    expect([...bySelf.dataSync()]).toEqual([1, 0, 3]);
    const bridged = toTensors(tf, ndarray('bool', [3], bytes), 'int32') as ReturnType<Tf['tensor']>;
    expect([...tf.logicalNot(bridged).dataSync()]).toEqual([1, 0, 0]);
  });

  it('fails at a division of int32 by 0, for which the cpu backend returns 0', () => {
    const [one, zero] = [tf.tensor([1], [1], 'int32'), tf.tensor([0], [1], 'int32')];
    expect(() => tf.div(one, zero)).toThrow('Invalid TF_Status');
  });

  it('trains embeddings and convolutions, which the wasm backend cannot', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.embedding({ inputDim: 4, outputDim: 3, inputLength: 6 }),
        tf.layers.conv1d({ filters: 2, kernelSize: 3, activation: 'relu', biasInitializer: 'ones' }),
        tf.layers.globalAveragePooling1d({}),
        tf.layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: tf.train.adam(0.05), loss: 'meanSquaredError' });
    const batch = {
      xs: ndarray(
        'int32',
        [4, 6],
        Int32Array.from({ length: 24 }, (_, index) => Math.trunc(index / 6)),
      ),
      ys: ndarray('float32', [4, 1], Float32Array.of(0, 1, 2, 3)),
    };
    const { history } = await fitDataset(model, toDataset(tf, new CountedSource(() => [batch]).source$), {
      epochs: 40,
      verbose: 0,
    });
    const losses = history['loss'] as number[];
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    model.dispose();
  }, 60_000);

  it(`uses no more memory after ${EPOCHS} epochs than after 200`, async () => {
    // In a separate process, because tfjs is several times as slow inside jest.
    const { stdout } = await promisify(execFile)(execPath, [
      compiled('test/tfjs/manyEpochs.program.ts'),
      String(EPOCHS),
    ]);
    const [early, late] = JSON.parse(stdout) as Held[];
    expect(late!.tensors).toBe(early!.tensors);
    // With 2,000 epochs, 900 MiB are processed in between, so a leak of one batch in thirty is visible.
    expect((late!.rss - early!.rss) / MEBIBYTE).toBeLessThan(30);
  }, 300_000);
});
