import { concat, repeat, type Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { chooseFromDatasets } from '../../../operators/chooseFromDatasets.js';
import { mergeChannels } from '../../../operators/mergeChannels.js';
import { sampleFromDatasets } from '../../../operators/sampleFromDatasets.js';
import { zipChannels } from '../../../operators/zipChannels.js';
import { ConfigError } from '../../base/errors.js';
import { abortSignal } from '../../base/optionFields.js';
import { parseOptions, requireOptions } from '../../base/parseOptions.js';
import { placeErrors } from './placeErrors.js';
import type { DirectoryOptions } from '../../sagemaker/directories.js';
import type { Store } from '../../stores/store.js';
import { storeOption } from '../records/chooseStore.js';
import { ownerSchema, type Owner } from '../lanes/globalBatchesOptions.js';
import { fromIterable } from '../../sources/fromIterable.js';
import { namedWorker } from '../../sources/inWorker.js';
import { siblingUrl } from '../../workers/host/workerModule.js';
import { builtInStages } from './builtInStages.js';
import { channelRecords, formatOptionRemedy } from './declaredChannel.js';
import type { DeclaredPipeline, PipelineSpec } from './pipelineSpec.js';
import { mapInWorkersStage, type Modules } from './mapInWorkersStage.js';
import { pipelineSchemaOf, type CombineSpec, type ParsedStage, type WorkerSpec } from './pipelineSchema.js';
import type { PipelineResult } from './pipelineResult.js';
import { snapshotDefinition, snapshotStage, type Above } from './snapshotStage.js';
import type { StageDefinition } from './stageDefinition.js';

/** Options of {@link definePipeline}. */
export interface DefinePipelineOptions extends DirectoryOptions {
  /** Custom stages, made by `defineStage`. */
  readonly stages?: readonly StageDefinition[] | undefined;
  /** The modules for the stage `mapInWorkers`. */
  readonly modules?: Modules | undefined;
  /**
   * The stores of the URLs in `files`, as in `recordsFromFiles`. There is no default store, so a declaration alone
   * cannot use the network. To limit a store to one bucket, pass `{ ...s3Store(client), schemes: ['s3://my-bucket/']
   * }`.
   */
  readonly store?: Store | readonly Store[] | undefined;
  /** The host, for channels with `globalBatches`. Pass `hostOf()`. Default: the only host. */
  readonly owner?: Owner | undefined;
  /** If aborted, all channels fail with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const folder = lazy(() => z.string().optional());

const optionsSchema = lazy(() =>
  z.strictObject({
    stages: z.array(z.unknown()).optional(),
    modules: z.record(z.string(), z.unknown()).optional(),
    store: storeOption().optional(),
    owner: ownerSchema().optional(),
    signal: abortSignal().optional(),
    baseDir: folder(),
    pipeDir: folder(),
    configDir: folder(),
    stateDir: folder(),
  }),
);

/**
 * Builds a pipeline from a declaration in JSON.
 *
 * ```ts
 * import { definePipeline } from 'millrace';
 *
 * const batches$ = definePipeline({
 *   channels: { train: { recordFormat: 'TFRecord' } },
 *   stages: [
 *     { stage: 'batch', size: 64 },
 *     {
 *       stage: 'parseExample',
 *       features: {
 *         image: { kind: 'raw', shape: [64], dtype: 'uint8' },
 *         label: { kind: 'fixedLen', shape: [], dtype: 'int64' },
 *       },
 *     },
 *     { stage: 'select', features: { xs: 'image', ys: 'label' } },
 *   ],
 * }); // Observable<{ xs: NDArray<'uint8'>; ys: NDArray<'int64'> }>
 * ```
 *
 * For order, memory and errors, see the operators of the stages. If the declaration is a literal, TypeScript infers the
 * item type. Each subscription reads one epoch of each channel. With `worker`, the pipeline cannot have custom stages
 * or a `store`, because functions cannot be sent to a thread.
 *
 * Throws a ConfigError if the declaration or an option is invalid.
 *
 * @param spec - `docs/pipelines.md` lists the stages.
 */
export function definePipeline<const S extends PipelineSpec>(
  spec: S,
  options: DefinePipelineOptions = {},
): Observable<PipelineResult<S>> {
  requireOptions('definePipeline', options, '{ stages: [myStage] }');
  const { stages: ownStages = [], modules = {}, ...channelOptions } = options;
  parseOptions('definePipeline', optionsSchema(), options);
  const withCode = [mapInWorkersStage(modules), ...ownStages];
  const definitions = [...builtInStages(), ...withCode];
  const schema = pipelineSchemaOf([...builtInStages(), snapshotDefinition(), ...withCode]);
  const parsed = parseOptions('pipeline', schema, spec, { remedyOfKey: formatOptionRemedy });
  if (parsed.worker) return declaredInWorker(spec, options, parsed.worker) as Observable<PipelineResult<S>>;
  const build = new Map(definitions.map((definition) => [definition.name, definition.build]));

  const snapshots = { stores: options.store, signal: options.signal, custom: withCode.map(({ name }) => name) };
  const applyStages = (
    source: Observable<unknown>,
    stages: readonly ParsedStage[],
    { parent = '', ...above }: Above & { readonly parent?: string },
  ): Observable<unknown> =>
    stages.reduce<Observable<unknown>>((staged, { stage, ...stageOptions }, index) => {
      const place = `${parent}stages[${index}]`;
      const operator = atPlace(place, () => {
        if (stage !== 'snapshot') return build.get(stage)?.(stageOptions as never);
        const before = [...above.stages, ...stages.slice(0, index)];
        return snapshotStage(stageOptions as never, { ...above, stages: before }, snapshots);
      });
      return operator ? placeErrors(operator(staged as Observable<never>), `${place} (${stage})`) : staged;
    }, placeErrors(source));

  const channels = Object.entries(parsed.channels).map(([name, { stages, ...channel }]) => {
    const parent = `channels.${name}.`;
    const { records$, data } = atPlace(`channels.${name}`, () => channelRecords(name, channel, channelOptions));
    const above = { declared: [name, channel], stages: [], data: [data] };
    return { name, stages, data, items$: applyStages(records$, stages, { ...above, parent }) };
  });
  const sources = Object.fromEntries(channels.map(({ name, items$ }) => [name, items$]));
  return applyStages(
    atPlace('combine', () => combineAll(sources, parsed.combine)),
    parsed.stages,
    {
      declared: [parsed.channels, parsed.combine],
      stages: channels.flatMap(({ stages }) => stages),
      data: channels.map(({ data }) => data),
    },
  ) as Observable<PipelineResult<S>>;
}

function atPlace<T>(place: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    const path = cause.path === '' ? place : `${place}.${cause.path}`;
    throw new ConfigError(`pipeline: ${place}: ${cause.message}`, { path, cause });
  }
}

function declaredInWorker(spec: PipelineSpec, options: DefinePipelineOptions, worker: WorkerSpec): Observable<unknown> {
  const { stages = [], modules = {}, store = [], signal, owner, ...directories } = options;
  if (stages.length > 0) {
    const names = stages.map(({ name }) => name).join(', ');
    const message =
      `pipeline: worker: custom stages (${names}) are functions, which cannot be sent to a worker. Remove "worker". ` +
      'To use a worker, call inWorker with a module that calls definePipeline with these stages.';
    throw new ConfigError(message, { path: 'worker' });
  }
  if ([store].flat().length > 0) {
    const message =
      'pipeline: worker: a store cannot be sent to a worker. Remove "worker". ' +
      'To use a worker, call inWorker with a module that calls definePipeline with the store.';
    throw new ConfigError(message, { path: 'worker' });
  }
  const hrefs = Object.entries(modules).map(([name, { href }]) => [name, href] as const);
  const data: DeclaredPipeline = {
    spec,
    directories,
    owner: owner && { count: owner.count, index: owner.index },
    modules: Object.fromEntries(hrefs),
  };
  const credit = typeof worker === 'object' ? worker : {};
  return namedWorker('worker', siblingUrl(import.meta.url, 'pipelineInWorker'), { ...credit, data, signal });
}

function combineAll(
  channels: Readonly<Record<string, Observable<unknown>>>,
  combine: CombineSpec | undefined,
): Observable<unknown> {
  const sources = Object.values(channels);
  switch (combine?.how) {
    case 'zip':
      return zipChannels(channels, { stop: combine.stop });
    case 'merge':
      return mergeChannels(sources);
    case 'sample': {
      const { weights, seed, stopOnEmptyDataset } = combine;
      const inOrder = weights && Object.keys(channels).map((name) => weights[name] ?? 0);
      return sampleFromDatasets(sources, { weights: inOrder, seed, stopOnEmptyDataset });
    }
    case 'choose': {
      const names = Object.keys(channels);
      const turns = combine.sequence.map((name) => names.indexOf(name));
      return chooseFromDatasets(sources, fromIterable(turns).pipe(repeat()));
    }
    case 'concat':
    case undefined:
      return concat(...sources);
  }
}
