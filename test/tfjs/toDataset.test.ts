import { from, NEVER, of } from 'rxjs';
import { ConfigError, ValueError } from '../../src/base/errors.js';
import { toDataset, type TensorDataset, type TensorFlow } from '../../src/tfjs/index.js';
import { BACKENDS, loadBackend, type Tf } from './backends.js';
import { linearBatch } from './countedSource.js';

describe.each(BACKENDS)('toDataset on %s', (backend) => {
  let tf: Tf;
  let tensorsBefore: number;
  beforeAll(async () => {
    tf = await loadBackend(backend);
  });
  beforeEach(() => {
    tensorsBefore = tf.memory().numTensors;
  });
  afterEach(() => {
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  async function firstOf<T>(dataset: TensorDataset<T>): Promise<T | undefined> {
    const { value } = await (await dataset.iterator()).next();
    await dataset.close();
    return value;
  }

  it('makes tensors with the given tf', async () => {
    const value = await firstOf(toDataset(tf, of(linearBatch(2))));
    expect(value?.xs).toBeInstanceOf(tf.Tensor);
    expect(value?.ys.arraySync()).toEqual([[1], [2]]);
    tf.dispose({ ...value });
  });

  it('rejects other keys of an item beside xs and ys, with their path', async () => {
    const { xs, ys } = linearBatch(2);
    for (const dataset of [
      toDataset(tf, of({ xs, ys, weights: ys })),
      toDataset(tf, of({ xs, ys }), {
        toTensors: () => ({ xs: tf.scalar(1), ys: tf.scalar(2), weights: tf.scalar(3) }),
      }),
    ]) {
      const next = (await dataset.iterator()).next();
      await expect(next).rejects.toThrow(ValueError);
      await expect(next).rejects.toMatchObject({ path: 'weights' });
      await expect(next).rejects.toThrow('Instead of weights for single records, use classWeight of fitDataset');
    }
  });

  it('accepts other structures if it is read without tfjs', async () => {
    const { xs, ys } = linearBatch(2);
    const value = await firstOf(toDataset(tf, of({ image: xs, label: ys, weight: xs })));
    expect(Object.keys(value ?? {})).toEqual(['image', 'label', 'weight']);
    tf.dispose({ ...value });
  });

  it('lets toTensors convert, and disposes of tensors that it does not return', async () => {
    const dataset = toDataset(tf, of(linearBatch(2)), {
      toTensors: ({ xs }, ownTf) => {
        expect(ownTf).toBe(tf);
        return [ownTf.tensor(xs.data).mul(10).add(1)];
      },
    });
    const value = await firstOf(dataset);
    expect(value?.[0]?.arraySync()).toEqual([1, 6]);
    expect(tf.memory().numTensors).toBe(tensorsBefore + 1);
    expect(dataset.stats).toMatchObject({ batches: 1, records: 2 });
    tf.dispose(value ?? []);
  });

  it('disposes of tensors that toTensors made before it threw, and passes the error on', async () => {
    const boom = new Error('boom');
    const dataset = toDataset(tf, of(1), {
      toTensors: (_, ownTf) => {
        ownTf.scalar(1).add(1);
        throw boom;
      },
    });
    await expect((await dataset.iterator()).next()).rejects.toBe(boom);
  });

  it('refuses a Promise from toTensors', async () => {
    const dataset = toDataset(tf, of(1), { toTensors: () => Promise.resolve(1) });
    await expect((await dataset.iterator()).next()).rejects.toThrow(/toTensors returned a Promise/);
  });

  it('passes wideIntegers on', async () => {
    const batch = { n: { dtype: 'int64', shape: [1], data: BigInt64Array.of(2n ** 40n) } } as const;
    const value = await firstOf(toDataset(tf, of(batch), { wideIntegers: 'float32' }));
    expect(value?.n.dataSync()).toEqual(Float32Array.of(2 ** 40));
    tf.dispose({ ...value });
  });

  it('fails with overrun: error if the source emits without demand', async () => {
    const flood$ = from(Array.from({ length: 70_000 }, () => linearBatch(1)));
    const iterator = await toDataset(tf, flood$, { overrun: 'error' }).iterator();
    const drain = async (): Promise<void> => {
      for (let batch = await iterator.next(); batch.done !== true; batch = await iterator.next())
        tf.dispose({ ...batch.value });
    };
    await expect(drain()).rejects.toMatchObject({ code: 'ERR_OVERRUN' });
  });

  it('throws at the call if arguments are wrong', () => {
    const withOptions = (options: object) => () => toDataset(tf, NEVER, options);
    expect(withOptions({ size: -1 })).toThrow(ConfigError);
    expect(withOptions({ size: 1.5 })).toThrow(/size/);
    expect(withOptions({ overrun: 'ignore' })).toThrow(/overrun/);
    expect(withOptions({ wideIntegers: 'int64' })).toThrow(/wideIntegers/);
    expect(withOptions({ toTensors: 'x' })).toThrow(/toTensors/);
    expect(withOptions({ batchSize: 64 })).toThrow(/batchSize/);
    expect(withOptions({ wideIntegers: 'float32', toTensors: () => 1 })).toThrow(/wideIntegers/);
    for (const bad of [undefined, null, {}, NEVER]) {
      expect(() => toDataset(bad as TensorFlow, NEVER)).toThrow(/expected the namespace of tfjs as the first argument/);
    }
  });
});
