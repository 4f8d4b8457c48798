import { ValueError } from '../base/errors.js';
import { isTensor, type AnyTensor } from './tensorFlow.js';

export interface ModelPart {
  /** The shape with the batch axis first. `null` means any length. */
  readonly shape: readonly (number | null)[];
  readonly dtype?: string;
}

export interface CheckedModel {
  readonly inputs: readonly ModelPart[];
  readonly outputs: readonly ModelPart[];
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly loss?: unknown;
}

export interface Feed {
  readonly path: string;
  readonly tensor: AnyTensor;
  readonly name: string;
  readonly part: ModelPart;
}

/** True for a built LayersModel. Other models do not list their inputs and outputs. */
export function isCheckable(model: object): model is CheckedModel {
  return ['inputs', 'outputs', 'inputNames', 'outputNames'].every((key) => Array.isArray(Reflect.get(model, key)));
}

export function lossOf({ loss, outputNames }: CheckedModel, output: string): unknown {
  if (typeof loss !== 'object' || loss === null) return loss;
  return Array.isArray(loss) ? loss[outputNames.indexOf(output)] : Reflect.get(loss, output);
}

/**
 * Pairs the tensors in `xs` with the model's inputs, or the tensors in `ys` with its outputs, like tfjs.
 *
 * @throws ValueError if a tensor is missing, or if the model does not use a tensor, because tfjs would never dispose of
 *   it.
 */
export function feedsOf(caller: string, side: 'xs' | 'ys', value: unknown, model: CheckedModel): Feed[] {
  const [parts, names] = side === 'xs' ? [model.inputs, model.inputNames] : [model.outputs, model.outputNames];
  const form =
    names.length === 1 ? `Use the NDArray itself as ${side}` : `Make ${side} an object { ${names.join(', ')} }`;
  const refuse = (path: string, found: string, remedy = form): never => {
    const kind = `${side === 'xs' ? 'input' : 'output'}${names.length === 1 ? '' : 's'}`;
    throw new ValueError(`${caller}: ${path}: ${found}. The model has the ${kind} ${names.join(', ')}. ${remedy}.`, {
      path,
    });
  };
  const feed = (path: string, tensor: unknown, index: number): Feed =>
    isTensor(tensor)
      ? { path, tensor, name: names[index] as string, part: parts[index] as ModelPart }
      : refuse(path, 'expected a tensor');

  if (isTensor(value)) return names.length === 1 ? [feed(side, value, 0)] : refuse(side, 'found a single tensor');
  if (typeof value !== 'object' || value === null) return refuse(side, 'expected a tensor');
  if (Array.isArray(value)) {
    if (value.length !== names.length) return refuse(side, `found an array of ${value.length} tensors`);
    return value.map((tensor, index) => feed(`${side}[${index}]`, tensor, index));
  }
  const unknown = Object.keys(value).find((key) => !names.includes(key));
  if (unknown !== undefined) {
    const join = 'Join the columns of a table in a map() before toDataset: columnsToMatrix(xs)';
    const remedy = side === 'xs' && names.length === 1 ? join : undefined;
    return refuse(`${side}.${unknown}`, 'the model has no input or output with this name', remedy);
  }
  return names.map((name, index) =>
    name in value ? feed(`${side}.${name}`, Reflect.get(value, name), index) : refuse(`${side}.${name}`, 'is missing'),
  );
}
