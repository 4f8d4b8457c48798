import type { Observable, ObservedValueOf } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { ValueError } from '../src/base/errors.js';
import { fromInputs, Input, type Combination } from './shared/inputs.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { warn } from '../src/base/warn.js';
import { tellStage } from '../src/resume/pass.js';
import { requireSource, requireSources } from '../src/base/requireSource.js';

/** Options of {@link chooseFromDatasets}. */
export interface ChooseFromDatasetsOptions {
  /** If true, completes when `choice$` chooses an ended source. If false, skips this choice. Default: true. */
  readonly stopOnEmptyDataset?: boolean | undefined;
}

const optionsSchema = lazy(() => z.strictObject({ stopOnEmptyDataset: z.boolean().default(true) }));

/**
 * After this number of consecutive choices of ended sources (about 10 ms), the operator waits for one turn of the event
 * loop.
 */
const VAIN_A_TURN = 10_000;
const MANY_VAIN = 100_000;

/**
 * Emits items of several sources in the order of `choice$`, like `tf.data.Dataset.choose_from_datasets`.
 *
 * ```ts
 * import { channel, fromIterable } from 'millrace';
 * import { chooseFromDatasets, decodeTFRecord } from 'millrace/operators';
 * import { repeat } from 'rxjs';
 *
 * const [a$, b$] = ['a', 'b'].map((name) => channel(name).pipe(decodeTFRecord()));
 * const choice$ = fromIterable([0, 1, 1]).pipe(repeat());
 * const records$ = chooseFromDatasets([a$!, b$!], choice$); // a b b a b b …
 * ```
 *
 * Completes when `choice$` completes, or when all sources have ended. Memory: one choice, and one item of each chosen
 * source. Fails with a ValueError if a choice is not an index of a source.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#choose_from_datasets
 */
export function chooseFromDatasets<S extends readonly Observable<unknown>[]>(
  sources: S,
  choice$: Observable<number>,
  options: ChooseFromDatasetsOptions = {},
): Observable<ObservedValueOf<S[number]>> {
  requireSources('chooseFromDatasets', sources);
  requireSource('chooseFromDatasets', choice$, 'choice$');
  const { stopOnEmptyDataset } = parseOptions('chooseFromDatasets', optionsSchema(), options, {
    form: 'chooseFromDatasets(sources, choice$, { stopOnEmptyDataset: false })',
  });
  return fromInputs<ObservedValueOf<S[number]>>('chooseFromDatasets', (output): Combination => {
    const { destination, onChange, emit, complete, pause } = output;
    tellStage(destination, 'chooseFromDatasets', { sources: sources.length, stopOnEmptyDataset });
    const choices = new Input(choice$, { name: 'chooseFromDatasets: choices', destination, onChange });
    const inputs: readonly Input<unknown>[] = sources.map(
      (source, index) =>
        new Input(source, { name: `chooseFromDatasets: source ${index}`, destination, onChange, others: () => inputs }),
    );
    const live = new Set(inputs);
    const isLast = (ended: Input<unknown>): boolean => live.delete(ended) && live.size === 0;
    let chosen: Input<unknown> | undefined;
    let vain = 0;
    const skip = (): void => {
      vain++;
      if (vain === MANY_VAIN) warn('MILLRACE_FRUITLESS', VAIN_CHOICES);
      if (vain % VAIN_A_TURN === 0) pause();
    };
    const step = (): boolean => {
      if (!chosen) {
        choices.want();
        if (choices.isReady) chosen = inputAt(inputs, choices.take());
        else if (choices.isOver) complete();
        return chosen !== undefined;
      }
      chosen.want();
      if (!chosen.isReady && !chosen.isOver) return false;
      const input = chosen;
      chosen = undefined;
      if (input.isReady) {
        vain = 0;
        emit(input.take() as ObservedValueOf<S[number]>);
      } else if (stopOnEmptyDataset || isLast(input)) complete();
      else skip();
      return true;
    };
    const start = (): void => {
      for (const input of [choices, ...inputs]) input.start();
    };
    return { start, step };
  });
}

const VAIN_CHOICES =
  `chooseFromDatasets: choice$ has chosen only sources that have ended, ${MANY_VAIN} consecutive times. If choice$ ` +
  'continues like this, chooseFromDatasets never ends. Correct choice$, or set stopOnEmptyDataset to true.';

function inputAt(inputs: readonly Input<unknown>[], choice: number): Input<unknown> {
  const input = inputs[choice];
  if (input) return input;
  throw new ValueError(
    `chooseFromDatasets: choice$: expected an index from 0 to ${inputs.length - 1}, found ${choice}.`,
    { path: '' },
  );
}
