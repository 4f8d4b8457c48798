import { ValueError } from '../base/errors.js';

/** The remedy for sample weights, which tfjs does not support. */
export const INSTEAD_OF_SAMPLE_WEIGHTS =
  'use classWeight of fitDataset, or sampleFromDatasets to repeat some records more often';

/** @throws ValueError if a batch is a Promise, or if it has keys other than `xs` and `ys`. */
export function checkElement(tensors: unknown): void {
  if (typeof tensors !== 'object' || tensors === null) return;
  if (tensors instanceof Promise) {
    const remedy = 'do asynchronous work in mapAsync() before toDataset';
    throw new ValueError(`toDataset: toTensors returned a Promise: ${remedy}.`, { path: '' });
  }
  if (!('xs' in tensors && 'ys' in tensors)) return;
  const path = Object.keys(tensors).find((key) => key !== 'xs' && key !== 'ys');
  if (path === undefined) return;
  const weights = /weight/i.test(path) ? ` Instead of weights for single records, ${INSTEAD_OF_SAMPLE_WEIGHTS}.` : '';
  throw new ValueError(
    `toDataset: ${path}: expected only xs and ys, because tfjs never disposes of other tensors. ` +
      `Remove this value in a map() before toDataset.${weights}`,
    { path },
  );
}
