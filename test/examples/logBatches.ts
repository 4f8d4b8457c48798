import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { LayersModel, type Tensor } from '@tensorflow/tfjs';

// `--import` loads this module into a training process. It writes a line to $BATCH_LOG for each batch: the digests of
// the batch, of the training's state before the batch, and of the state after it. The process sends SIGTERM to itself
// after $BATCHES_BEFORE_SIGTERM batches.

const { BATCH_LOG, BATCHES_BEFORE_SIGTERM } = process.env;

type TrainFunction = (batch: Tensor[]) => unknown;

interface AdamState {
  readonly iterations: number;
  readonly accumulatedFirstMoment: readonly { readonly variable: Tensor }[];
  readonly accumulatedSecondMoment: readonly { readonly variable: Tensor }[];
}

function digestOf(tensors: readonly Tensor[], iterations = 0): string {
  const hash = createHash('sha1').update(String(iterations));
  for (const tensor of tensors) hash.update(tensor.dataSync<'float32'>());
  return hash.digest('hex');
}

/** Returns the digest of the weights and of all that Adam saves. */
function stateOf(model: LayersModel): string {
  const adam = model.optimizer as unknown as AdamState;
  const moments = [...adam.accumulatedFirstMoment, ...adam.accumulatedSecondMoment];
  return digestOf([...model.getWeights(), ...moments.map(({ variable }) => variable)], adam.iterations);
}

const prototype = LayersModel.prototype as unknown as { makeTrainFunction: (this: LayersModel) => TrainFunction };
const { makeTrainFunction } = prototype;
let trained = 0;
prototype.makeTrainFunction = function () {
  const train = makeTrainFunction.call(this);
  return (batch) => {
    const before = [digestOf(batch), stateOf(this)];
    const losses = train(batch);
    appendFileSync(BATCH_LOG!, `${[...before, stateOf(this)].join(' ')}\n`);
    trained++;
    if (trained === Number(BATCHES_BEFORE_SIGTERM)) process.kill(process.pid, 'SIGTERM');
    return losses;
  };
};
