import { ShapeError } from '../base/errors.js';
import type { Feed, ModelPart } from './modelParts.js';

type Shape = ModelPart['shape'];

/** Does not compare the batch axis, because tfjs checks it. */
export function fits(found: readonly number[], expected: Shape): boolean {
  return found.length === expected.length && found.slice(1).every((length, axis) => allows(expected[axis + 1], length));
}

const allows = (expected: number | null | undefined, length: number | undefined): boolean =>
  expected === null || expected === length;

/** In the error's `expected`, -1 means any length. */
export function shapeMisfit(
  caller: string,
  { path, tensor, name, part }: Feed,
  expected: Shape,
  remedy?: string,
): ShapeError {
  const found = tensor.shape;
  const kind = path.startsWith('xs') ? 'input' : 'output';
  return new ShapeError(
    `${caller}: ${path}: expected the shape ${textOf(expected)}, found ${textOf(found)}: the model's ` +
      `${kind} ${name} has the shape ${textOf(part.shape)}. ${remedy ?? remedyFor(found, expected, kind)}`,
    { path, found, expected: expected.map((length) => length ?? -1) },
  );
}

function remedyFor(found: readonly number[], expected: Shape, kind: 'input' | 'output'): string {
  const perRecord = expected.slice(1);
  if (found.length === perRecord.length && found.every((length, axis) => allows(perRecord[axis], length))) {
    return 'The batch axis is missing: add batch(n) before toDataset.';
  }
  if (fits(found, [null, 1, ...perRecord])) {
    return 'The labels have an extra axis of length 1. Before oneHot(), declare the label with the shape [], for example with fixedLenFeature([], …).';
  }
  if (perRecord.includes(null) || sizeOf(found.slice(1)) !== sizeOf(perRecord)) {
    return 'Change the features, or the model.';
  }
  const broadcast = 'tfjs would broadcast one shape to the other, and compare outputs with wrong labels. ';
  const danger = kind === 'input' ? '' : broadcast;
  const shape = `[${['array.shape[0]', ...perRecord].join(', ')}]`;
  return (
    `${danger}Declare the feature with the shape of one record, as in fixedLenFeature(${textOf(perRecord)}, …). ` +
    `Or reshape the array in a map() before toDataset, as in { ...array, shape: ${shape} }.`
  );
}

const sizeOf = (shape: Shape): number => shape.reduce<number>((size, length) => size * (length ?? NaN), 1);

function textOf(shape: Shape): string {
  return `[${shape.map((length) => length ?? '?').join(', ')}]`;
}
