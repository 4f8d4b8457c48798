/** Type tests: this file is compiled and never run. */
import type * as tf from '@tensorflow/tfjs';
import type { Observable } from 'rxjs';
import type { NDArray, RaggedArray, SparseArray } from '../../src/arrays/ndarray.js';
import { evaluateDataset, fitDataset, toDataset, type TensorDataset } from '../../src/tfjs/index.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function assertType<_T extends true>(): void {}

declare const tfjs: typeof tf;
declare const model: tf.LayersModel;
declare const sequential: tf.Sequential;
declare const single$: Observable<{ readonly xs: NDArray<'float32'>; readonly ys: NDArray<'int64'> }>;
declare const multi$: Observable<{ xs: { left: NDArray<'float32'>; right: NDArray }; ys: NDArray<'bool'> }>;
declare const tuple$: Observable<readonly [NDArray<'bytes'>, { n: NDArray<'int32' | 'int64'> }]>;
interface Row {
  readonly xs: readonly number[];
  readonly ys: boolean;
}
declare const plain$: Observable<{ xs: number[][]; ys: number; names: string[]; array: NDArray<'uint8'> }>;
declare const rows$: Observable<Row[]>;
declare const refused$: Observable<{
  big: bigint;
  nothing: null;
  sparse: SparseArray;
  ragged: RaggedArray<'int64'>;
  raw: Uint8Array;
}>;

const single = toDataset(tfjs, single$);
const multi = toDataset(tfjs, multi$, { size: 3, wideIntegers: 'float32' });
const tuple = toDataset(tfjs, tuple$);
const plain = toDataset(tfjs, plain$);
const rows = toDataset(tfjs, rows$);
const refused = toDataset(tfjs, refused$);
const hooked = toDataset(tfjs, single$, {
  toTensors: ({ xs, ys }, ownTf) => {
    assertType<Equal<typeof ys, NDArray<'int64'>>>();
    return { xs: ownTf.tensor1d(xs.data), ys: ownTf.scalar(1) };
  },
});

assertType<Equal<typeof single, TensorDataset<{ xs: tf.Tensor; ys: tf.Tensor }>>>();
assertType<Equal<typeof multi, TensorDataset<{ xs: { left: tf.Tensor; right: tf.Tensor }; ys: tf.Tensor }>>>();
assertType<Equal<typeof tuple, TensorDataset<[tf.Tensor, { n: tf.Tensor }]>>>();
assertType<Equal<typeof plain, TensorDataset<{ xs: tf.Tensor; ys: tf.Tensor; names: tf.Tensor; array: tf.Tensor }>>>();
assertType<Equal<typeof rows, TensorDataset<{ xs: tf.Tensor; ys: tf.Tensor }>>>();
assertType<
  Equal<typeof refused, TensorDataset<{ big: never; nothing: never; sparse: never; ragged: never; raw: never }>>
>();
assertType<Equal<typeof hooked, TensorDataset<{ xs: tf.Tensor1D; ys: tf.Scalar }>>>();

const history = model.fitDataset(single, { epochs: 1, validationData: single });
const loss = model.evaluateDataset(multi, { batches: 1 });
const closedHistory = fitDataset(model, single, {
  epochs: 1,
  validationData: hooked,
  callbacks: { onEpochEnd: () => undefined },
});
const sequentialHistory = fitDataset(sequential, multi, { epochs: 1 });
const closedLoss = evaluateDataset(model, multi, { batches: 1 });
const closedLossOfAll = evaluateDataset(sequential, hooked);

assertType<Equal<typeof history, Promise<tf.History>>>();
assertType<Equal<typeof loss, Promise<tf.Scalar | tf.Scalar[]>>>();
assertType<Equal<typeof closedHistory, typeof history>>();
assertType<Equal<typeof sequentialHistory, typeof history>>();
assertType<Equal<typeof closedLoss, typeof loss>>();
assertType<Equal<typeof closedLossOfAll, typeof loss>>();

// @ts-expect-error -- epochs is missing
void fitDataset(model, single, { batchesPerEpoch: 1 });
// @ts-expect-error -- there is no such argument
void fitDataset(model, single, { epochs: 1, validationDataset: single });
// @ts-expect-error -- the two conversions exclude each other
void toDataset(tfjs, single$, { wideIntegers: 'float32', toTensors: () => ({}) });
// @ts-expect-error -- the source is not the namespace of tfjs
void toDataset(single$, tfjs);
