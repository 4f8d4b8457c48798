import { jest } from '@jest/globals';
import type { LayersModel, Sequential, SymbolicTensor, Tensor } from '@tensorflow/tfjs';
import { of } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { parseExample } from '../../operators/parseExample.js';
import { encodeExample } from '../../src/formats/example/encodeExample.js';
import { fixedLenFeature } from '../../src/formats/example/features.js';
import { ConfigError, ShapeError, ValueError } from '../../src/base/errors.js';
import { ndarray, TYPED_ARRAY_OF, type NDArray } from '../../src/arrays/ndarray.js';
import { oneHot } from '../../src/arrays/oneHot.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { evaluateDataset, fitDataset, toDataset } from '../../src/tfjs/index.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { BACKENDS, loadBackend, type Tf } from './backends.js';

const RECORDS = 4;

/** Returns an array whose elements repeat the numbers from 0 to `below` - 1. */
function array(shape: readonly number[], dtype: 'float32' | 'int32' | 'bool' = 'float32', below = 2): NDArray {
  const size = shape.reduce((product, length) => product * length, 1);
  const elements = Array.from({ length: size }, (_, i) => i % below);
  return { dtype, shape, data: TYPED_ARRAY_OF[dtype].from(elements) } as NDArray;
}

describe.each(BACKENDS)('the first batch of fitDataset on %s', (backend) => {
  let tf: Tf;
  let models: LayersModel[];
  let tensorsBefore: number;
  beforeAll(async () => {
    tf = await loadBackend(backend);
  });
  beforeEach(() => {
    models = [];
    tensorsBefore = tf.memory().numTensors;
  });
  afterEach(() => {
    jest.restoreAllMocks();
    for (const model of models) model.dispose();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  type Loss = Parameters<Sequential['compile']>[0]['loss'];

  function compiled<M extends LayersModel>(model: M, loss: Loss): M {
    // With a name instead of an optimizer, the model disposes of the optimizer.
    model.compile({ optimizer: 'sgd', loss });
    models.push(model);
    return model;
  }

  function denseModel(units: number, loss: Loss, inputShape: (number | null)[] = [2]): Sequential {
    return compiled(tf.sequential({ layers: [tf.layers.dense({ name: 'last', inputShape, units })] }), loss);
  }

  /** Returns the error of `fitDataset` for a batch, or undefined. The error precedes training. */
  async function refusal(model: LayersModel, item: unknown): Promise<Error | undefined> {
    const onBatchBegin = jest.fn<() => void>();
    try {
      await fitDataset(model, toDataset(tf, of(item)), { epochs: 1, verbose: 0, callbacks: { onBatchBegin } });
      return undefined;
    } catch (error) {
      expect(onBatchBegin).not.toHaveBeenCalled();
      return error as Error;
    }
  }

  const fitLabels = (model: LayersModel, ys: unknown): Promise<Error | undefined> =>
    refusal(model, { xs: array([RECORDS, 2]), ys });

  it.each(['binaryCrossentropy', 'categoricalCrossentropy'])('fails on labels above 1 for %s', async (loss) => {
    const units = loss === 'binaryCrossentropy' ? 1 : 3;
    const error = await refusal(denseModel(units, loss), { xs: array([4, 2]), ys: array([4, units], 'float32', 3) });
    expect(error).toBeInstanceOf(ValueError);
    expect(error?.message).toContain(`ys: ${loss} needs values from 0 to 1, found 2 (element 2)`);
  });

  it('fails on labels of shape [n] for an output of [n, 1], and names the remedy', async () => {
    const error = await fitLabels(denseModel(1, 'meanSquaredError'), array([RECORDS]));
    expect(error).toBeInstanceOf(ShapeError);
    expect(error).toMatchObject({ path: 'ys', found: [RECORDS], expected: [-1, 1] });
    expect(error?.message).toBe(
      "fitDataset: ys: expected the shape [?, 1], found [4]: the model's output last has the shape [?, 1]. tfjs would " +
        'broadcast one shape to the other, and compare outputs with wrong labels. Declare the feature with the shape of one record, ' +
        'as in fixedLenFeature([1], …). Or reshape the array in a map() before toDataset, as in { ...array, shape: [array.shape[0], 1] }.',
    );
  });

  it('names a remedy that works: with fixedLenFeature([1]) the model learns the line from the same records', async () => {
    const records = Array.from({ length: 32 }, (_, i) =>
      encodeExample({ xs: { floatList: [(i % 8) / 8] }, ys: { floatList: [(i % 8) / 4 + 1] } }),
    );
    const source$ = (shape: number[]) =>
      fromIterable(records).pipe(
        batch(8),
        parseExample({ xs: fixedLenFeature([1], 'float32'), ys: fixedLenFeature(shape, 'float32') }),
      );
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1, name: 'last' })] });
    models.push(model);
    const optimizer = tf.train.sgd(0.3);
    model.compile({ optimizer, loss: 'meanSquaredError' });
    await expect(fitDataset(model, toDataset(tf, source$([])), { epochs: 1 })).rejects.toThrow(ShapeError);
    await fitDataset(model, toDataset(tf, source$([1])), { epochs: 80, verbose: 0 });
    const line = tf.tidy(() => [...(model.predict(tf.tensor2d([[0], [0.5]])) as Tensor).dataSync()]);
    expect(line[0]).toBeCloseTo(1, 1);
    expect(line[1]).toBeCloseTo(2, 1);
    optimizer.dispose();
  });

  it.each([
    'meanSquaredError',
    'meanAbsoluteError',
    'meanAbsolutePercentageError',
    'meanSquaredLogarithmicError',
    'squaredHinge',
    'hinge',
    'categoricalHinge',
    'logcosh',
    'binaryCrossentropy',
    'kullbackLeiblerDivergence',
    'poisson',
    'cosineProximity',
  ])('requires labels with the shape of the output for %s', async (loss) => {
    for (const shape of [[RECORDS], [RECORDS, 2], [RECORDS, 1, 1]]) {
      expect(await fitLabels(denseModel(1, loss), array(shape))).toBeInstanceOf(ShapeError);
    }
    expect(await fitLabels(denseModel(1, loss), array([RECORDS, 1]))).toBeUndefined();
    expect(await fitLabels(denseModel(3, loss), array([RECORDS, 1]))).toBeInstanceOf(ShapeError);
  });

  it('accepts class numbers of shape [n] and [n, 1] for sparseCategoricalCrossentropy', async () => {
    const model = denseModel(3, 'sparseCategoricalCrossentropy');
    expect(await fitLabels(model, array([RECORDS]))).toBeUndefined();
    expect(await fitLabels(model, array([RECORDS, 1]))).toBeUndefined();
    const steps = denseModel(3, 'sparseCategoricalCrossentropy', [5, 2]);
    for (const shape of [
      [RECORDS, 5],
      [RECORDS, 5, 1],
    ]) {
      expect(await refusal(steps, { xs: array([RECORDS, 5, 2]), ys: array(shape) })).toBeUndefined();
    }
  });

  it('fails on one-hot labels for sparseCategoricalCrossentropy, and on class numbers for other losses', async () => {
    const rows = await fitLabels(denseModel(3, 'sparseCategoricalCrossentropy'), array([RECORDS, 3]));
    expect(rows).toBeInstanceOf(ShapeError);
    expect(rows?.message).toContain('remove oneHot(), or compile the model with categoricalCrossentropy');
    // If there are as many classes as records, tfjs broadcasts without an error.
    for (const shape of [[RECORDS], [RECORDS, 1]]) {
      const numbers = await fitLabels(denseModel(RECORDS, 'categoricalCrossentropy'), array(shape));
      expect(numbers).toBeInstanceOf(ShapeError);
      expect(numbers?.message).toContain(
        'Make the label one-hot with oneHot(label, 4), or compile the model with sparseCategoricalCrossentropy.',
      );
    }
  });

  it.each(['sparseCategoricalCrossentropy', 'meanAbsolutePercentageError', 'kullbackLeiblerDivergence'])(
    'fails on labels other than float32 if %s fails on them or is NaN',
    async (loss) => {
      const shape = loss.startsWith('sparse') ? [RECORDS] : [RECORDS, 3];
      for (const dtype of ['int32', 'bool'] as const) {
        const error = await fitLabels(denseModel(3, loss), array(shape, dtype));
        expect(error).toBeInstanceOf(ValueError);
        expect(error?.message).toContain(`fitDataset: ys: ${loss} of tfjs needs dtype float32, found ${dtype}`);
        expect(error?.message).toContain("{ as: 'float32' }");
      }
    },
  );

  it('accepts int32 and bool for the other losses', async () => {
    for (const dtype of ['int32', 'bool'] as const) {
      expect(await fitLabels(denseModel(1, 'binaryCrossentropy'), array([RECORDS, 1], dtype))).toBeUndefined();
      expect(await fitLabels(denseModel(3, 'categoricalCrossentropy'), array([RECORDS, 3], dtype))).toBeUndefined();
    }
  });

  it.each([3, -1, 0.5, NaN])('fails on the class %d of three, for which tfjs makes a row of zeros', async (label) => {
    const ys = ndarray('float32', [2], Float32Array.of(2, label));
    const error = await refusal(denseModel(3, 'sparseCategoricalCrossentropy'), { xs: array([2, 2]), ys });
    expect(error).toBeInstanceOf(ValueError);
    expect(error?.message).toContain(`fitDataset: ys: expected a class number from 0 to 2, found ${label} (element 1)`);
  });

  it.each(['categoricalCrossentropy', 'sparseCategoricalCrossentropy'])(
    'fails on a single class, for which %s is always 0',
    async (loss) => {
      const error = await fitLabels(denseModel(1, loss), array([RECORDS, 1]));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error?.message).toContain('Compile the model with binaryCrossentropy');
    },
  );

  it('fails on bytes, in xs and in ys', async () => {
    const bytes = (shape: number[]): NDArray =>
      ndarray(
        'bytes',
        shape,
        Array.from({ length: shape.reduce((a, b) => a * b) }, () => Uint8Array.of(1)),
      );
    const model = denseModel(1, 'meanSquaredError');
    expect(await fitLabels(model, bytes([RECORDS, 1]))).toMatchObject({ code: 'ERR_VALUE', path: 'ys' });
    const error = await refusal(model, { xs: bytes([RECORDS, 2]), ys: array([RECORDS, 1]) });
    expect(error).toMatchObject({ code: 'ERR_VALUE', path: 'xs' });
    expect(error?.message).toContain('expected numbers (float32), found bytes. Parse the feature as numbers');
  });

  it('tells how to number text labels before it compares the shape', async () => {
    const label = ndarray(
      'bytes',
      [RECORDS],
      ['a', 'b', 'b', 'c'].map((text) => new Uint8Array(Buffer.from(text))),
    );
    const error = await fitLabels(denseModel(3, 'categoricalCrossentropy'), label);
    expect(error).toMatchObject({ code: 'ERR_VALUE', path: 'ys' });
    expect(error?.message).toContain(
      'fitDataset: ys contains text, but categoricalCrossentropy needs numbers. ' +
        'Convert the text to class numbers in a map() before toDataset: ',
    );
    // The code in the message.
    const classes = ['a', 'b', 'c'];
    const numbers = ndarray(
      'int32',
      label.shape,
      Int32Array.from(label.data, (text) => classes.indexOf(Buffer.from(text).toString())),
    );
    expect(await fitLabels(denseModel(3, 'categoricalCrossentropy'), oneHot(numbers, 3))).toBeUndefined();
  });

  it('accepts other shapes for a custom loss function, and warns if most functions would broadcast them', async () => {
    const loss = (labels: Tensor, output: Tensor): Tensor =>
      labels
        .reshape([-1])
        .sub(output.reshape([-1]))
        .square();
    const fit = (shape: readonly number[]) => async () => {
      expect(await fitLabels(denseModel(1, loss), array(shape))).toBeUndefined();
    };
    expect(await collectWarnings(fit([RECORDS, 1, 1]))).toEqual([]);
    expect(await collectWarnings(fit([RECORDS]))).toEqual([
      {
        code: 'MILLRACE_LABEL_SHAPE',
        message: expect.stringContaining(
          'fitDataset: ys: the labels have the shape [4] and the output last has the shape [4, 1]',
        ),
      },
    ]);
  });

  it('accepts any length for an open axis of the output, and checks the other axes', async () => {
    const model = denseModel(1, 'meanSquaredError', [null, 2]);
    const item = (ys: number[]) => ({ xs: array([RECORDS, 6, 2]), ys: array(ys) });
    expect(await refusal(model, item([RECORDS, 6, 1]))).toBeUndefined();
    expect(await refusal(model, item([RECORDS, 6]))).toMatchObject({ code: 'ERR_SHAPE', expected: [-1, -1, 1] });
    expect(await refusal(model, item([RECORDS, 6, 2]))).toBeInstanceOf(ShapeError);
  });

  it('fails on xs that do not fit the input, and names the remedy', async () => {
    const ys = array([RECORDS, 1]);
    const unbatched = await refusal(denseModel(1, 'meanSquaredError'), { xs: array([2]), ys: array([1]) });
    expect(unbatched).toBeInstanceOf(ShapeError);
    expect(unbatched?.message).toContain('The batch axis is missing: add batch(n) before toDataset.');
    const flat = await refusal(denseModel(1, 'meanSquaredError', [1]), { xs: array([RECORDS]), ys });
    expect(flat?.message).toContain('shape of one record, as in fixedLenFeature([1], …)');
    const image = await refusal(denseModel(1, 'meanSquaredError', [3, 2]), { xs: array([RECORDS, 6]), ys });
    expect(image?.message).toContain('{ ...array, shape: [array.shape[0], 3, 2] }');
    const other = await refusal(denseModel(1, 'meanSquaredError'), { xs: array([RECORDS, 3]), ys });
    expect(other?.message).toContain('Change the features, or the model.');
  });

  it.each([
    ['{ x, y }', { x: array([RECORDS, 2]), y: array([RECORDS, 1]) }, 'map(({ x, y }) => ({ xs: x, ys: y }))'],
    ['inputs alone', { xs: array([RECORDS, 2]) }, 'map((record) => ({ xs: …, ys: … }))'],
    [
      'labels and others',
      { ys: array([RECORDS, 1]), a: array([RECORDS, 2]) },
      'map(({ a, ys }) => ({ xs: a, ys: ys }))',
    ],
    ['a tuple', [array([RECORDS, 2]), array([RECORDS, 1])], 'map(([xs, ys]) => ({ xs, ys }))'],
    ['an array alone', array([RECORDS, 2]), 'map(({ x, y }) => ({ xs: x, ys: y }))'],
  ])('fails on %s instead of { xs, ys }, and names the remedy', async (_, item, remedy) => {
    const error = await refusal(denseModel(1, 'meanSquaredError'), item);
    expect(error).toBeInstanceOf(ValueError);
    expect(error?.message).toContain('fitDataset: the batch: expected { xs, ys }, found ');
    expect(error?.message).toContain(`add ${remedy} before toDataset.`);
  });

  describe('of a model with two outputs', () => {
    function forked(loss: Loss): LayersModel {
      const input = tf.input({ shape: [2], name: 'in' });
      const output = (name: string, units: number): SymbolicTensor =>
        tf.layers.dense({ units, name }).apply(input) as SymbolicTensor;
      return compiled(tf.model({ inputs: input, outputs: [output('kind', 3), output('age', 1)] }), loss);
    }
    const kind = array([RECORDS]);
    const age = array([RECORDS, 1]);

    it('is checked for each loss and label, in records and in arrays', async () => {
      const losses = ['sparseCategoricalCrossentropy', 'meanSquaredError'];
      for (const model of [forked(losses), forked({ kind: losses[0] ?? '', age: losses[1] ?? '' })]) {
        expect(await fitLabels(model, { kind, age })).toBeUndefined();
        expect(await fitLabels(model, [kind, age])).toBeUndefined();
        expect(await fitLabels(model, { kind, age: kind })).toMatchObject({ code: 'ERR_SHAPE', path: 'ys.age' });
        expect(await fitLabels(model, [kind, kind])).toMatchObject({ code: 'ERR_SHAPE', path: 'ys[1]' });
      }
    });

    it('fails on labels that are missing or unknown', async () => {
      const model = forked(['sparseCategoricalCrossentropy', 'meanSquaredError']);
      expect((await fitLabels(model, { kind }))?.message).toBe(
        'fitDataset: ys.age: is missing. The model has the outputs kind, age. Make ys an object { kind, age }.',
      );
      expect(await fitLabels(model, kind)).toMatchObject({ code: 'ERR_VALUE', path: 'ys' });
      expect(await fitLabels(model, [kind])).toMatchObject({ code: 'ERR_VALUE', path: 'ys' });
      // tfjs would train without disposing of this tensor.
      expect(await fitLabels(model, { kind, age, id: kind })).toMatchObject({ code: 'ERR_VALUE', path: 'ys.id' });
      expect(await refusal(model, { xs: { image: array([RECORDS, 2]) }, ys: { kind, age } })).toMatchObject({
        message:
          'fitDataset: xs.image: the model has no input or output with this name. The model has the input in. ' +
          'Join the columns of a table in a map() before toDataset: columnsToMatrix(xs).',
      });
    });
  });

  it('is also checked in validationData and by evaluateDataset, which the message names', async () => {
    const model = denseModel(1, 'meanSquaredError');
    const good = { xs: array([RECORDS, 2]), ys: array([RECORDS, 1]) };
    const bad = { ...good, ys: array([RECORDS]) };
    const validationData = toDataset(tf, of(bad));
    const seen = jest.fn<() => void>();
    await expect(
      fitDataset(model, toDataset(tf, of(good)), {
        epochs: 1,
        validationData,
        verbose: 0,
        callbacks: { onEpochEnd: seen },
      }),
    ).rejects.toThrow('fitDataset: validationData: ys: expected the shape [?, 1], found [4]');
    expect(seen).not.toHaveBeenCalled();
    // tfjs never disposes of the running total of the loss.
    tensorsBefore += 1;
    await expect(evaluateDataset(model, toDataset(tf, of(bad)))).rejects.toThrow(
      'evaluateDataset: ys: expected the shape',
    );
  });
});
