import { NUMBER_THE_CLASSES } from '../arrays/oneHot.js';
import { ConfigError, ValueError } from '../base/errors.js';
import { warn } from '../base/warn.js';
import type { Feed } from './modelParts.js';
import { fits, shapeMisfit } from './shapeMisfit.js';

const SPARSE = 'sparseCategoricalCrossentropy';
const CATEGORICAL = 'categoricalCrossentropy';
const BINARY = 'binaryCrossentropy';

/** The losses that fail or become NaN if labels are not float32. */
const FLOAT32_ONLY: readonly string[] = [SPARSE, 'meanAbsolutePercentageError', 'kullbackLeiblerDivergence'];

/**
 * Checks labels for a loss. If the loss is a function, only warns about labels `[n]` for an output `[n, 1]`, because
 * most loss functions broadcast these labels.
 */
export async function checkLabels(caller: string, feed: Feed, loss: unknown): Promise<void> {
  const { path, tensor, name, part } = feed;
  if (typeof loss !== 'string') {
    if (fits([...tensor.shape, 1], part.shape)) warnOfBroadcast(caller, feed);
    return;
  }
  const isSparse = loss === SPARSE;
  if ((isSparse || loss === CATEGORICAL) && part.shape.at(-1) === 1) throw singleClass(caller, loss, name);
  // Checked before the shape, because the remedy for a wrong shape (one-hot labels) does not work for text.
  if (tensor.dtype === 'string') {
    throw new ValueError(`${caller}: ${path} contains text, but ${loss} needs numbers. ${NUMBER_THE_CLASSES}`, {
      path,
    });
  }
  const expected = isSparse ? part.shape.slice(0, -1) : part.shape;
  if (!fits(tensor.shape, expected) && !(isSparse && fits(tensor.shape, [...expected, 1]))) {
    throw shapeMisfit(caller, feed, expected, remedyOf(loss, feed));
  }
  if (FLOAT32_ONLY.includes(loss) && tensor.dtype !== 'float32') {
    const remedy =
      "Make the label float32, for example with fixedLenFeature([], 'int64', { as: 'float32' }), or with { dtype: 'float32' } in stringLookup.";
    throw new ValueError(`${caller}: ${path}: ${loss} of tfjs needs dtype float32, found ${tensor.dtype}. ${remedy}`, {
      path,
    });
  }
  if (isSparse) await checkClasses(caller, feed);
  if (loss === CATEGORICAL || loss === BINARY) await checkProbabilities(caller, feed, loss);
}

function remedyOf(loss: string, { tensor, part }: Feed): string | undefined {
  const classes = part.shape.at(-1);
  if (loss === SPARSE && fits(tensor.shape, part.shape)) {
    return `${SPARSE} needs class numbers: remove oneHot(), or compile the model with ${CATEGORICAL}.`;
  }
  const isNumber = [tensor.shape, tensor.shape.slice(0, -1)].some((shape) => fits(shape, part.shape.slice(0, -1)));
  if (loss !== CATEGORICAL || !isNumber) return undefined;
  return `Make the label one-hot with oneHot(label, ${classes}), or compile the model with ${SPARSE}.`;
}

/** For a class number out of range, tfjs computes a loss of 0. */
async function checkClasses(caller: string, { path, tensor, name, part }: Feed): Promise<void> {
  const count = part.shape.at(-1) ?? Infinity;
  const labels = Array.from((await tensor.data?.()) ?? []);
  const bad = labels.findIndex(
    (label) => !(Number.isInteger(label) && (label as number) >= 0 && (label as number) < count),
  );
  if (bad < 0) return;
  throw new ValueError(
    `${caller}: ${path}: expected a class number from 0 to ${count - 1}, found ${String(labels[bad])} (element ${bad}). ` +
      `The model's output ${name} has ${count} classes. Number the classes from 0 in a map(), or increase the number of units in the last layer.`,
    { path },
  );
}

/** For labels above 1, tfjs computes a negative loss. */
async function checkProbabilities(caller: string, { path, tensor }: Feed, loss: string): Promise<void> {
  const labels = Array.from((await tensor.data?.()) ?? [], Number);
  const bad = labels.findIndex((label) => !(label >= 0 && label <= 1));
  if (bad < 0) return;
  const remedy = loss === BINARY ? 'Map the two classes to 0 and 1' : 'Make the classes one-hot with oneHot()';
  throw new ValueError(
    `${caller}: ${path}: ${loss} needs values from 0 to 1, found ${labels[bad]} (element ${bad}). ` +
      `${remedy} before toDataset.`,
    { path },
  );
}

function singleClass(caller: string, loss: string, output: string): ConfigError {
  return new ConfigError(
    `${caller}: loss: ${loss} needs an output of two or more classes, but the model's output ${output} has one. ` +
      'Compile the model with binaryCrossentropy, and use the activation sigmoid in its last layer.',
    { path: 'loss' },
  );
}

function warnOfBroadcast(caller: string, { path, tensor: { shape }, name }: Feed): void {
  warn(
    'MILLRACE_LABEL_SHAPE',
    `${caller}: ${path}: the labels have the shape [${shape.join(', ')}] and the output ${name} has the shape ` +
      `[${[...shape, 1].join(', ')}]. Most loss functions broadcast these labels, so they compare each output with ` +
      'every label. If your loss function broadcasts, declare the label with the shape [1], for example with ' +
      'fixedLenFeature([1], …).',
  );
}
