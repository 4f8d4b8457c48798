import { ConfigError } from '../base/errors.js';
import { nearestName } from '../base/nearestName.js';
import { quote, showValue } from '../base/showValue.js';
import { INSTEAD_OF_SAMPLE_WEIGHTS } from './checkElement.js';

const NO_SAMPLE_WEIGHTS = `tfjs does not support weights for single records: ${INSTEAD_OF_SAMPLE_WEIGHTS}`;

/** Arguments that tfjs ignores without an error. */
const IGNORED: Readonly<Record<string, string>> = {
  batchSize: 'to set the size of batches, add batch(n) to the source',
  shuffle: 'to shuffle, add shuffle(n) to the source',
  steps: 'the name of this argument in tfjs is "batches"',
  stepsPerEpoch: 'the name of this argument in tfjs is "batchesPerEpoch"',
  validationSteps: 'the name of this argument in tfjs is "validationBatches"',
  sampleWeight: NO_SAMPLE_WEIGHTS,
  sampleWeights: NO_SAMPLE_WEIGHTS,
  validationSplit: 'to split records, add split(parts, { part }) to the sources, and pass validationData',
};

/** The arguments of tfjs 4 for training and evaluation. */
const KNOWN = [
  ...['epochs', 'initialEpoch', 'batchesPerEpoch', 'verbose', 'callbacks', 'validationData', 'validationBatchSize'],
  ...['validationBatches', 'yieldEvery', 'classWeight', 'batches'],
];

interface FitArguments {
  readonly epochs?: unknown;
  readonly initialEpoch?: unknown;
  readonly batchesPerEpoch?: unknown;
  readonly validationData?: unknown;
  readonly classWeight?: unknown;
}

/** @throws ConfigError if the dataset is not valid, or if tfjs would ignore an argument. */
export function checkArguments(caller: string, dataset: unknown, args: unknown): void {
  if (typeof args !== 'object' || args === null)
    throw refusal(caller, 'args', 'expected an object, for example { epochs: 10 }');
  if (typeof (dataset as { iterator?: unknown } | null | undefined)?.iterator !== 'function') {
    throw refusal(caller, 'dataset', 'expected the result of toDataset(tf, source$)');
  }
  for (const [name, remedy] of Object.entries(IGNORED)) {
    if (Reflect.get(args, name) !== undefined) throw refusal(caller, name, `tfjs ignores this argument; ${remedy}`);
  }
  for (const name of Object.keys(args)) {
    // Other names may be arguments of a custom model.
    const near = KNOWN.includes(name) ? undefined : nearestName(name, KNOWN);
    if (near !== undefined) throw refusal(caller, name, `tfjs ignores this argument; did you mean ${quote(near)}`);
  }
}

/** @throws ConfigError if an argument is not valid, or if the first validation would end the training. */
export function checkFitArguments(dataset: unknown, args: FitArguments): void {
  const { epochs, initialEpoch, batchesPerEpoch, validationData, classWeight } = args;
  const refuse = (path: string, message: string): never => {
    throw refusal('fitDataset', path, message);
  };
  if (validationData === dataset && typeof batchesPerEpoch === 'number') {
    refuse(
      'validationData',
      'expected a different dataset, found the training dataset. A dataset can have only one reader at a ' +
        'time, so the first validation would end the training. Make a second dataset with toDataset(tf, …)',
    );
  }
  if (validationData !== undefined && validationData !== null && !isValidation(validationData)) {
    refuse('validationData', `expected the result of toDataset(tf, source$), found ${showValue(validationData)}`);
  }
  if (typeof epochs === 'number' && typeof initialEpoch === 'number' && initialEpoch > epochs) {
    refuse(
      'initialEpoch',
      `expected at most the value of "epochs" (${epochs}), found ${initialEpoch}. The value of "epochs" includes the ` +
        `epochs before initialEpoch: to train ${epochs} more epochs, set "epochs" to ${initialEpoch + epochs}`,
    );
  }
  if (classWeight instanceof Map) {
    refuse('classWeight', 'expected a plain object, found a Map. Convert it with Object.fromEntries(classWeight)');
  }
}

function isValidation(value: unknown): boolean {
  if (!Array.isArray(value)) return typeof (value as { iterator?: unknown }).iterator === 'function';
  return value.length >= 2 && value.every((part) => typeof part === 'object' && part !== null);
}

function refusal(caller: string, path: string, message: string): ConfigError {
  return new ConfigError(`${caller}: ${path}: ${message}.`, { path });
}
