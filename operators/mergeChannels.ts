import type { Observable, ObservedValueOf } from 'rxjs';
import { fromInputs, Input, type Combination } from './shared/inputs.js';
import { refuseResuming } from '../src/resume/pass.js';
import { requireSources } from '../src/base/requireSource.js';

/**
 * Merges the items of several channels in the order of arrival. If several channels have an item, they take turns.
 * RxJS's `merge` prefers the first channel.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeTFRecord, mergeChannels } from 'millrace/operators';
 *
 * const records$ = mergeChannels([channel('a'), channel('b')].map((bytes$) => bytes$.pipe(decodeTFRecord())));
 * ```
 *
 * Memory: one item of each source. If `sources` is empty, the result completes without items.
 */
export function mergeChannels<S extends readonly Observable<unknown>[]>(
  sources: S,
): Observable<ObservedValueOf<S[number]>> {
  requireSources('mergeChannels', sources);
  return fromInputs<ObservedValueOf<S[number]>>('mergeChannels', (output): Combination => {
    const { destination, onChange, emit, complete } = output;
    refuseResuming(
      destination,
      'mergeChannels',
      'The order of the items depends on timing. Use sampleFromDatasets() with a seed.',
    );
    const inputs: readonly Input<unknown>[] = sources.map(
      (source, index) =>
        new Input(source, { name: `mergeChannels: source ${index}`, destination, onChange, others: () => inputs }),
    );
    let turn = 0;
    const step = (): boolean => {
      for (const input of inputs) input.want();
      for (let i = 0; i < inputs.length; i++) {
        const position = (turn + i) % inputs.length;
        const input = inputs[position];
        // `isOver` is checked before `isReady`, because `isOver` throws the error of a failed source.
        if (!input || input.isOver || !input.isReady) continue;
        turn = position + 1;
        emit(input.take() as ObservedValueOf<S[number]>);
        return true;
      }
      if (inputs.every((input) => input.isOver)) complete();
      return false;
    };
    const start = (): void => {
      for (const input of inputs) input.start();
    };
    return { start, step };
  });
}
