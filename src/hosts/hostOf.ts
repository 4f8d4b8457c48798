import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { ConfigError } from '../base/errors.js';
import { parseOptions, positiveInteger, requireOptions } from '../base/parseOptions.js';
import { resolveDirectories, type DirectoryOptions } from '../sagemaker/directories.js';
import { rankOf, readResourceConfig } from '../sagemaker/resourceConfig.js';
import { SCHEDULER_VARIABLES, type SchedulerVariables, type VariableScheduler } from './schedulerVariables.js';

/**
 * The schedulers that {@link hostOf} knows. `RANK` means a launcher such as torchrun. `none` means that no scheduler
 * was found.
 */
export type Scheduler = 'SageMaker' | VariableScheduler | 'none';

/** The place of this process among the processes of its job. */
export interface Host {
  /** The number of processes. */
  readonly count: number;
  /** The index of this process, from 0. */
  readonly index: number;
  readonly scheduler: Scheduler;
  /** The variables or files that were read, as text. Empty if there is no scheduler. */
  readonly source: string;
}

/** Options of {@link hostOf}. */
export interface HostOptions extends Pick<DirectoryOptions, 'baseDir' | 'configDir'> {
  /**
   * The number of processes, if the scheduler does not set it: the `completions` of a Kubernetes Job, or the size of an
   * AWS Batch array.
   */
  readonly count?: number | undefined;
}

const optionsSchema = lazy(() =>
  z.strictObject({
    baseDir: z.string().min(1).optional(),
    configDir: z.string().min(1).optional(),
    count: positiveInteger().optional(),
  }),
);

/**
 * Returns the index of this process in its job, and the number of processes, for `owner` of {@link globalBatches}.
 *
 * ```ts
 * import { globalBatches, hostOf } from 'millrace';
 *
 * const host = hostOf();
 * console.log(`host ${host.index} of ${host.count} (${host.source})`);
 * const batches$ = globalBatches('data/train-*.tfrecord', {
 *   recordFormat: 'TFRecord',
 *   index: 'train.index.json',
 *   seed: 7,
 *   globalBatchSize: 256,
 *   lanes: 16,
 *   owner: host,
 * });
 * ```
 *
 * Reads `resourceconfig.json` of SageMaker, and these environment variables:
 *
 * - Kubernetes Indexed Jobs: `JOB_COMPLETION_INDEX`. Set `count` or `WORLD_SIZE`, because Kubernetes sets no count.
 * - Slurm: `SLURM_PROCID` and `SLURM_NTASKS`.
 * - AWS Batch arrays: `AWS_BATCH_JOB_ARRAY_INDEX`, and `AWS_BATCH_JOB_ARRAY_SIZE` or `count`.
 * - Other launchers, such as torchrun: `RANK` and `WORLD_SIZE`.
 *
 * If none of these exist, the result is process 0 of 1.
 *
 * @throws ConfigError if two schedulers disagree, if a variable or `resourceconfig.json` is invalid, or if the count is
 *   unknown.
 */
export function hostOf(options: HostOptions = {}): Host {
  requireOptions('hostOf', options, '{ count: 4 }');
  const { count, ...directories } = parseOptions('hostOf', optionsSchema(), options);
  const sageMaker = sageMakerHost(directories);
  const known = (): number | undefined => count ?? sageMaker?.count ?? countInVariables();
  const found = [sageMaker, ...SCHEDULER_VARIABLES.map((variables) => variableHost(variables, known))];
  const [first, ...others] = found.filter((host) => host !== undefined);
  if (!first) {
    if (count === undefined || count === 1) return { count: 1, index: 0, scheduler: 'none', source: '' };
    throw refusal(
      `the index of this process among ${count} is unknown, because no scheduler was found. Set RANK and WORLD_SIZE, ` +
        'or pass { index, count } instead of the result of hostOf',
    );
  }
  const other = others.find(({ index, count: processes }) => index !== first.index || processes !== first.count);
  if (other) {
    throw refusal(
      `${placeOf(first)}, but ${placeOf(other)}. Remove the variables that do not describe this process, or pass ` +
        '{ index, count } instead of the result of hostOf',
    );
  }
  if (count !== undefined && count !== first.count) {
    throw refusal(`count: found ${count}, but ${placeOf(first)}. Correct or remove count`, 'count');
  }
  return { ...first, source: [first, ...others].map(({ source }) => source).join(' and ') };
}

function sageMakerHost(options: DirectoryOptions): Host | undefined {
  const { configDir } = resolveDirectories(options);
  const source = join(configDir, 'resourceconfig.json');
  if (!existsSync(source)) return undefined;
  const config = readResourceConfig(configDir);
  return { count: config.hosts.length, index: rankOf(config), scheduler: 'SageMaker', source };
}

/** If a scheduler sets only the index, the count comes from a different scheduler. */
function countInVariables(): number | undefined {
  const counts = SCHEDULER_VARIABLES.map(({ count }) => (count === undefined ? undefined : numberIn(count, 1)));
  return counts.find((count) => count !== undefined);
}

function variableHost({ scheduler, ...names }: SchedulerVariables, given: () => number | undefined): Host | undefined {
  const index = numberIn(names.index, 0);
  if (index === undefined) return undefined;
  const told = names.count === undefined ? undefined : numberIn(names.count, 1);
  const count = told ?? given();
  if (count === undefined) {
    const remedy = `Set ${names.count ?? 'WORLD_SIZE'}, call hostOf({ count: 4 }), or add "--hosts 4" to millrace run`;
    throw refusal(`${names.index} is ${index}, but the number of processes is unknown. ${remedy}`);
  }
  const counter = told === undefined ? 'count' : String(names.count);
  if (index >= count) throw refusal(`${names.index}: expected less than ${count} (${counter}), found ${index}`);
  return { count, index, scheduler, source: told === undefined ? names.index : `${names.index}, ${counter}` };
}

function numberIn(name: string, least: number): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw refusal(`${name}: expected an integer of at least ${least}, found ${JSON.stringify(text)}`);
}

function placeOf({ source, index, count }: Host): string {
  return `${source} says that this is process ${index} of ${count}`;
}

function refusal(why: string, path = ''): ConfigError {
  return new ConfigError(`hostOf: ${why}.`, { path });
}
