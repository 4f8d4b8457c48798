import { map, pipe, repeat, skip, take } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { assertCardinality, assertCardinalitySchema } from '../../../operators/assertCardinality.js';
import { batch, batchSchema } from '../../../operators/batch.js';
import { cache, cacheSchema } from '../../../operators/cache.js';
import { groupByWindow, groupFields } from '../../../operators/groupByWindow.js';
import { monitor, monitorSchema } from '../../../operators/monitor.js';
import { paddedBatch, paddedBatchSchema } from '../../../operators/paddedBatch.js';
import { prefetch, prefetchSchema } from '../../../operators/prefetch.js';
import { rebatch, rebatchSchema } from '../../../operators/rebatch.js';
import { rejectionResample, rejectionResampleSchema } from '../../../operators/rejectionResample.js';
import { shard, shardSchema } from '../../../operators/shard.js';
import { shuffle, shuffleSchema } from '../../../operators/shuffle.js';
import { split, splitSchema } from '../../../operators/split.js';
import { timeSeries, timeSeriesSchema, type TimeSeriesOptions } from '../../../operators/timeSeries.js';
import { unbatch } from '../../../operators/unbatch.js';
import { window, windowSchema } from '../../../operators/window.js';
import type { NDArray, RaggedArray, SparseArray } from '../../arrays/ndarray.js';
import { requireFeature, type Structure } from '../../arrays/requireFeature.js';
import { oneHot } from '../../arrays/oneHot.js';
import { stringLookup, stringLookupSchema } from '../../arrays/stringLookup.js';
import { positiveInteger } from '../../base/parseOptions.js';
import { scale } from '../../arrays/scale.js';
import { toDense, toDenseSchema } from '../../arrays/toDense.js';
import { toDenseSparse, toDenseSparseSchema } from '../../arrays/toDenseSparse.js';
import { PARSING_STAGES } from './parsingStages.js';
import { builtInStage, type BuiltInStage, type StageDefinition } from './stageDefinition.js';
import { selectFeatures } from './selectFeatures.js';
import { replaceFeature, updateFeature } from './updateFeature.js';

const countSchema = (description: string) => z.strictObject({ count: positiveInteger().describe(description) });
const feature = lazy(() => z.string().describe('The name of the feature to replace.'));

const STAGES: readonly BuiltInStage[] = [
  builtInStage({
    name: 'shuffle',
    options: shuffleSchema,
    build: ({ bufferSize, ...options }) => shuffle(bufferSize, options),
  }),
  builtInStage({
    name: 'batch',
    options: batchSchema,
    build: ({ size, ...options }) => batch<unknown>(size, options),
  }),
  builtInStage({
    name: 'paddedBatch',
    options: paddedBatchSchema,
    build: ({ size, ...options }) => paddedBatch<unknown>(size, options),
  }),
  builtInStage({ name: 'unbatch', options: () => z.strictObject({}), build: () => unbatch<unknown>() }),
  builtInStage({
    name: 'window',
    options: windowSchema,
    build: ({ size, ...options }) => window<unknown>(size, options),
  }),
  builtInStage({
    name: 'timeSeries',
    options: timeSeriesSchema,
    build: (options) => timeSeries<unknown, TimeSeriesOptions>(options),
  }),
  builtInStage({
    name: 'groupByWindow',
    options: () =>
      z.strictObject({
        feature: z.string().describe('The name of the feature that is the key: one number or text.'),
        windowSize: positiveInteger().describe('The number of items in a window.'),
        ...groupFields(),
      }),
    build: ({ feature, ...options }) =>
      groupByWindow({
        key: (item: Structure) => requireFeature('groupByWindow', item, feature) as NDArray,
        ...options,
      }),
  }),
  builtInStage({
    name: 'split',
    options: splitSchema,
    build: ({ parts, ...options }) => split<unknown>(parts, options),
  }),
  builtInStage({
    name: 'rejectionResample',
    options: rejectionResampleSchema,
    build: ({ feature, targetDist, ...options }) =>
      pipe(
        rejectionResample(
          (item: Structure) => requireFeature('rejectionResample', item, feature) as NDArray,
          targetDist,
          options,
        ),
        map(([, item]) => item),
      ),
  }),
  builtInStage({
    name: 'rebatch',
    options: rebatchSchema,
    build: ({ batchSize, ...options }) => rebatch<unknown>(batchSize, options),
  }),
  builtInStage({
    name: 'assertCardinality',
    options: assertCardinalitySchema,
    build: ({ count }) => assertCardinality<unknown>(count),
  }),
  builtInStage({ name: 'cache', options: cacheSchema, build: (options) => cache<unknown>(options) }),
  builtInStage({ name: 'shard', options: shardSchema, build: (options) => shard<unknown>(options) }),
  builtInStage({ name: 'prefetch', options: prefetchSchema, build: (options) => prefetch<unknown>(options) }),
  builtInStage({
    name: 'repeat',
    options: () => countSchema('The number of epochs to read.'),
    build: (options) => repeat(options.count),
  }),
  builtInStage({
    name: 'take',
    options: () => countSchema('The number of items to keep.'),
    build: (options) => take(options.count),
  }),
  builtInStage({
    name: 'skip',
    options: () => countSchema('The number of items to skip at the start.'),
    build: (options) => skip(options.count),
  }),
  builtInStage({ name: 'monitor', options: monitorSchema, build: (options) => monitor<unknown>(options) }),
  ...PARSING_STAGES,
  builtInStage({
    name: 'scale',
    options: () =>
      z.strictObject({
        feature: feature(),
        factor: z.number().describe('The number that each element is multiplied by.'),
        offset: z
          .number()
          .default(0)
          .describe('The number that is added to each element after the multiplication. Default: 0.'),
      }),
    build: ({ feature, factor, offset }) =>
      updateFeature('scale', feature, (array: NDArray<'float32'>) => scale(array, factor, offset)),
  }),
  builtInStage({
    name: 'oneHot',
    options: () =>
      z.strictObject({
        feature: feature(),
        depth: positiveInteger().describe('The number of classes, which is the length of each one-hot vector.'),
      }),
    build: ({ feature, depth }) =>
      updateFeature('oneHot', feature, (labels: NDArray<'int32'>) => oneHot(labels, depth)),
  }),
  builtInStage({
    name: 'stringLookup',
    options: () => z.strictObject({ feature: feature(), ...stringLookupSchema().shape }),
    build: ({ feature, vocabulary, ...options }) =>
      updateFeature('stringLookup', feature, stringLookup(vocabulary, options)),
  }),
  builtInStage({
    name: 'toDense',
    options: () => toDenseSchema().extend({ feature: feature() }),
    build: ({ feature, ...options }) =>
      replaceFeature('toDense', feature, (ragged: RaggedArray) => toDense(ragged, options)),
  }),
  builtInStage({
    name: 'toDenseSparse',
    options: () => toDenseSparseSchema().extend({ feature: feature() }),
    build: ({ feature, ...options }) =>
      replaceFeature('toDenseSparse', feature, (sparse: SparseArray) => toDenseSparse(sparse, options)),
  }),
  builtInStage({
    name: 'select',
    options: () =>
      z.strictObject({
        features: z
          .record(z.string(), z.string())
          .describe('The features to keep. Each key is the new name of a feature. The value is the old name.'),
      }),
    build: ({ features }) => selectFeatures(features),
  }),
];

export const builtInStages = lazy(() =>
  STAGES.map((stage): StageDefinition => ({ ...stage, options: stage.options() })),
);
