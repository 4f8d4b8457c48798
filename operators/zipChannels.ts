import type { Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../src/base/lazy.js';
import { ConfigError, MillraceError } from '../src/base/errors.js';
import { fromInputs, Input, type Combination } from './shared/inputs.js';
import { parseOptions } from '../src/base/parseOptions.js';
import { tellStage } from '../src/resume/pass.js';
import { requireSources } from '../src/base/requireSource.js';

/** The sources of {@link zipChannels}. */
export type ChannelsToZip = Readonly<Record<string, Observable<unknown>>> | readonly Observable<unknown>[];

/**
 * The behaviour when the shortest source ends. `strict` fails with a MillraceError `ERR_UNEVEN` if another source has
 * more items. `shortest` completes, and drops the remaining items of other sources, as in `tf.data`. `longest`
 * continues with `undefined` as the items of ended sources.
 */
export type ZipStop = 'strict' | 'shortest' | 'longest';

/** One item from each source, by the name or index of the source. */
export type Zipped<S extends ChannelsToZip, M extends ZipStop = 'strict'> = {
  -readonly [K in keyof S]: (S[K] extends Observable<infer T> ? T : never) | (M extends 'longest' ? undefined : never);
};

/** Options of {@link zipChannels}. */
export interface ZipChannelsOptions<M extends ZipStop = ZipStop> {
  /** See {@link ZipStop}. Default: `strict`. */
  readonly stop?: M | undefined;
}

export const zipChannelsSchema = lazy(() =>
  z.strictObject({
    stop: z
      .enum(['strict', 'shortest', 'longest'])
      .default('strict')
      .describe(
        'The end of the combined stream: after the "shortest" channel, after the "longest" channel, or when all channels end together ("strict"). With "strict", different lengths cause an error. Default: "strict".',
      ),
  }),
);

/**
 * Combines one item of each channel into one item, like `tf.data.Dataset.zip`. RxJS's `zip` buffers all items of a
 * faster source.
 *
 * ```ts
 * import { channel } from 'millrace';
 * import { decodeRecordIO, zipChannels } from 'millrace/operators';
 *
 * const examples$ = zipChannels({
 *   pixels: channel('pixels').pipe(decodeRecordIO()),
 *   label: channel('labels').pipe(decodeRecordIO()),
 * }); // { pixels: Uint8Array, label: Uint8Array }
 * ```
 *
 * Memory: one item of each source.
 *
 * @param sources - at least one source.
 * @see https://www.tensorflow.org/api_docs/python/tf/data/Dataset#zip
 */
export function zipChannels<const S extends ChannelsToZip, const M extends ZipStop = 'strict'>(
  sources: S,
  options: ZipChannelsOptions<M> = {},
): Observable<Zipped<S, M>> {
  const { stop } = parseOptions('zipChannels', zipChannelsSchema(), options, {
    form: "zipChannels(sources, { stop: 'shortest' })",
  });
  requireSources('zipChannels', sources, { byName: true });
  if (Object.keys(sources).length === 0) {
    throw new ConfigError('zipChannels: expected at least one source, found none', { path: 'sources' });
  }
  const names = Object.keys(sources);
  const assemble = (items: unknown[]): Zipped<S, M> => {
    if (Array.isArray(sources)) return items as Zipped<S, M>;
    return Object.fromEntries(names.map((name, index) => [name, items[index]])) as Zipped<S, M>;
  };
  return fromInputs('zipChannels', ({ destination, onChange, emit, complete }): Combination => {
    tellStage(destination, 'zipChannels', { names, stop });
    const inputs = Object.entries(sources).map(
      ([name, source]) => new Input(source, { name: `zipChannels: ${name}`, destination, onChange }),
    );
    let count = 0;
    const step = (): boolean => {
      for (const input of inputs) input.want();
      const areKnown = inputs.every((input) => input.isReady || input.isOver);
      const isOneOver = inputs.some((input) => input.isOver);
      const isEnd = stop === 'longest' ? inputs.every((input) => input.isOver) : isOneOver;
      if (isEnd && (areKnown || stop === 'shortest')) {
        if (stop === 'strict') checkAllAreOver(names, inputs, count);
        complete();
        return false;
      }
      if (!areKnown) return false;
      count++;
      emit(assemble(inputs.map((input) => (input.isOver ? undefined : input.take()))));
      return true;
    };
    const start = (): void => {
      for (const input of inputs) input.start();
    };
    return { start, step };
  });
}

function checkAllAreOver(names: readonly string[], inputs: readonly Input<unknown>[], count: number): void {
  const longer = inputs.findIndex((input) => !input.isOver);
  if (longer < 0) return;
  const shorter = names[inputs.findIndex((input) => input.isOver)];
  throw new MillraceError(
    `zipChannels: ${shorter} has ended after ${count} items, but ${names[longer]} has more items. Check the ` +
      "inputs, or set stop to 'shortest' to drop the remaining items, or to 'longest' to use undefined for missing items.",
    { code: 'ERR_UNEVEN' },
  );
}
