import { ValueError } from '../base/errors.js';
import { checkLabels } from './checkLabels.js';
import { feedsOf, isCheckable, lossOf } from './modelParts.js';
import { fits, shapeMisfit } from './shapeMisfit.js';
import { isTensor } from './tensorFlow.js';

/**
 * Checks that a batch fits the model, because tfjs broadcasts labels of a wrong shape without an error.
 *
 * @throws ShapeError, ValueError or ConfigError if the batch or a loss does not fit the model.
 */
export async function checkBatch(caller: string, model: object, batch: unknown): Promise<void> {
  const { xs, ys } = requireXsAndYs(caller, batch);
  if (!isCheckable(model)) return;
  for (const feed of feedsOf(caller, 'xs', xs, model)) {
    const { path, tensor, part } = feed;
    if (!fits(tensor.shape, part.shape)) throw shapeMisfit(caller, feed, part.shape);
    if (tensor.dtype === 'string' && part.dtype !== 'string') {
      const remedy = 'Parse the feature as numbers, decode the bytes with decodeRaw, or number the values in a map().';
      throw new ValueError(`${caller}: ${path}: expected numbers (${part.dtype}), found bytes. ${remedy}`, { path });
    }
  }
  for (const feed of feedsOf(caller, 'ys', ys, model)) await checkLabels(caller, feed, lossOf(model, feed.name));
}

function requireXsAndYs(caller: string, batch: unknown): { readonly xs: unknown; readonly ys: unknown } {
  if (typeof batch === 'object' && batch !== null && 'xs' in batch && 'ys' in batch) return batch;
  const isRecord = typeof batch === 'object' && batch !== null && !Array.isArray(batch) && !isTensor(batch);
  const keys = isRecord ? Object.keys(batch) : [];
  const found = isRecord ? `{ ${keys.join(', ')} }` : Array.isArray(batch) ? 'an array' : 'a single tensor';
  const [x = 'x', y = 'y'] = keys[0] === 'ys' ? [...keys].reverse() : keys;
  const names = Array.isArray(batch)
    ? '([xs, ys]) => ({ xs, ys })'
    : keys.length === 1
      ? '(record) => ({ xs: …, ys: … })'
      : `({ ${x}, ${y} }) => ({ xs: ${x}, ys: ${y} })`;
  throw new ValueError(
    `${caller}: the batch: expected { xs, ys }, found ${found}. Name the inputs xs and the labels ys: ` +
      `add map(${names}) before toDataset.`,
    { path: '' },
  );
}
