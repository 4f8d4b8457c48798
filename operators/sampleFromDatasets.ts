import type { Observable, ObservedValueOf } from 'rxjs';
import { z } from 'zod';
import { nodeCrypto } from '../src/base/nodeCrypto.js';
import { lazy } from '../src/base/lazy.js';
import { fromInputs, Input, type Combination } from './shared/inputs.js';
import { seedOption } from '../src/base/optionFields.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { refuseRandomSeed, tellStage } from '../src/resume/pass.js';
import { seededRandom } from '../src/base/seededRandom.js';
import { requireSources } from '../src/base/requireSource.js';

/** Options of {@link sampleFromDatasets}. */
export interface SampleFromDatasetsOptions {
  /** The relative frequencies of the sources. Default: equal. */
  readonly weights?: readonly number[] | undefined;
  /** An integer from 0 to 2^32 - 1. Default: a random seed for each subscription. */
  readonly seed?: number | undefined;
  /** If true, completes when it chooses an ended source. Default: false (continues with the other sources). */
  readonly stopOnEmptyDataset?: boolean | undefined;
}

const RESOLUTION = 2 ** 32;

export const sampleFromDatasetsSchema = lazy(() =>
  z.strictObject({
    weights: z
      .array(z.number().nonnegative())
      .refine((weights) => weights.some((weight) => weight > 0), 'expected at least one weight greater than 0')
      .optional(),
    seed: seedOption().optional().describe('The seed of the random choices. Default: a random seed.'),
    stopOnEmptyDataset: z
      .boolean()
      .default(false)
      .describe('If true, the combined stream ends when it chooses a channel that has ended. Default: false.'),
  }),
);

/**
 * Merges several sources by taking each item from a randomly chosen source, like
 * `tf.data.Dataset.sample_from_datasets`.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord, sampleFromDatasets } from 'millrace/operators';
 *
 * const [common$, rare$] = ['common', 'rare'].map((name) => channel(name).pipe(decodeTFRecord()));
 * const balanced$ = sampleFromDatasets([common$!, rare$!], { weights: [0.5, 0.5], seed: 7 });
 * ```
 *
 * The order of the choices depends only on the seed. Memory: one item of each chosen source.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#sample_from_datasets
 */
export function sampleFromDatasets<S extends readonly Observable<unknown>[]>(
  sources: S,
  options: SampleFromDatasetsOptions = {},
): Observable<ObservedValueOf<S[number]>> {
  requireSources('sampleFromDatasets', sources);
  const schema = sampleFromDatasetsSchema().refine(
    ({ weights }) => weights === undefined || weights.length === sources.length,
    {
      path: ['weights'],
      error: `expected one weight for each of the ${sources.length} sources`,
    },
  );
  const {
    weights = sources.map(() => 1),
    seed,
    stopOnEmptyDataset,
  } = parseOptions('sampleFromDatasets', schema, options, { form: 'sampleFromDatasets(sources, { seed: 7 })' });
  return fromInputs<ObservedValueOf<S[number]>>('sampleFromDatasets', (output): Combination => {
    const { destination, onChange, emit, complete } = output;
    refuseRandomSeed(destination, 'sampleFromDatasets', seed);
    tellStage(destination, 'sampleFromDatasets', { weights, seed, stopOnEmptyDataset });
    const random = seededRandom(seed ?? nodeCrypto().randomInt(RESOLUTION), 0);
    const inputs: readonly Input<unknown>[] = sources.map(
      (source, index) =>
        new Input(source, { name: `sampleFromDatasets: source ${index}`, destination, onChange, others: () => inputs }),
    );
    let live = weights
      .map((weight, index) => ({ weight, input: inputs[index] as Input<unknown> }))
      .filter(({ weight }) => weight > 0);
    let drawn: Input<unknown> | undefined;
    const step = (): boolean => {
      if (live.length === 0) {
        complete();
        return false;
      }
      drawn ??= draw(live, random(RESOLUTION) / RESOLUTION);
      drawn.want();
      if (!drawn.isReady && !drawn.isOver) return false;
      const input = drawn;
      drawn = undefined;
      if (input.isReady) emit(input.take() as ObservedValueOf<S[number]>);
      else if (stopOnEmptyDataset) complete();
      else live = live.filter((candidate) => candidate.input !== input);
      return true;
    };
    const start = (): void => {
      for (const { input } of live) input.start();
    };
    return { start, step };
  });
}

function draw(candidates: readonly { weight: number; input: Input<unknown> }[], point: number): Input<unknown> {
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  let left = point * total;
  for (const { weight, input } of candidates) {
    left -= weight;
    if (left < 0) return input;
  }
  return (candidates.at(-1) as { input: Input<unknown> }).input;
}
