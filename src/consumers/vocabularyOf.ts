import type { Observable } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { textsOf, type Texts } from '../arrays/texts.js';
import { TextTable } from '../arrays/textTable.js';
import { ValueError } from '../base/errors.js';
import { parseOptions, positiveInteger } from '../base/parseOptions.js';
import { quote } from '../base/showValue.js';
import { requireSource } from '../base/requireSource.js';
import { Gate } from '../demand/gate.js';
import { gatedSubscriber, subscribeGated } from '../demand/operate.js';

/** Options of {@link vocabularyOf}. */
export interface VocabularyOptions {
  /** The maximum number of texts to return. Default: all texts. */
  readonly maxTokens?: number | undefined;
  /** The minimum number of occurrences of a text to return. Default: 1. */
  readonly minCount?: number | undefined;
}

const optionsSchema = lazy(() =>
  z.strictObject({
    maxTokens: positiveInteger().default(Infinity),
    minCount: positiveInteger().default(1),
  }),
);

/**
 * Reads a source once, and returns the different texts, the most frequent first, like `adapt` of Keras' `StringLookup`.
 *
 * ```ts
 * import { fromIterable, stringLookup, vocabularyOf } from 'millrace';
 *
 * const vocabulary = await vocabularyOf(fromIterable(['dog', 'cat', 'dog']), { maxTokens: 1000 }); // ['dog', 'cat']
 * const animals = stringLookup(vocabulary);
 * ```
 *
 * As in Keras, texts with the same count are in descending order of their UTF-8 bytes. Unlike Keras' `max_tokens`,
 * `maxTokens` does not count `[UNK]` and the mask token.
 *
 * Memory: one copy of each different text. Reads as fast as the source emits. Rejects with the error of the source, or
 * with a ValueError if an item is not text or not UTF-8.
 *
 * @throws ConfigError at the call if an argument is invalid.
 * @see https://keras.io/api/layers/preprocessing_layers/categorical/string_lookup/
 */
export function vocabularyOf(source$: Observable<Texts>, options: VocabularyOptions = {}): Promise<string[]> {
  requireSource('vocabularyOf', source$, 'source$');
  const { maxTokens, minCount } = parseOptions('vocabularyOf', optionsSchema(), options, {
    form: 'vocabularyOf(source$, { maxTokens: 1000 })',
  });
  return countTexts(source$).then(({ texts, counts }) => {
    const countOf = (number: number): number => counts[number] as number;
    return Array.from(texts.keys())
      .filter((number) => countOf(number) >= minCount)
      .sort((a, b) => countOf(b) - countOf(a) || Buffer.compare(texts[b] as Uint8Array, texts[a] as Uint8Array))
      .slice(0, maxTokens)
      .map((number) => decode(texts[number] as Uint8Array));
  });
}

interface Counted {
  readonly texts: readonly Uint8Array[];
  readonly counts: readonly number[];
}

function countTexts(source$: Observable<Texts>): Promise<Counted> {
  const table = new TextTable();
  const counts: number[] = [];
  let items = 0;
  const next = (item: Texts): void => {
    for (const text of textsOf(`vocabularyOf: item ${items}`, item).data) {
      const number = table.add(text);
      counts[number] = (counts[number] ?? 0) + 1;
    }
    items++;
  };
  // The gate is always open. Without it, a call inside another pipeline would obey the gate of that pipeline.
  return new Promise((resolve, error) => {
    const complete = (): void => resolve({ texts: table.texts, counts });
    subscribeGated(source$, gatedSubscriber(new Gate(), { next, error, complete }));
  });
}

// Without `ignoreBOM`, a text that begins with a byte order mark would not be found again.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(text: Uint8Array): string {
  try {
    return decoder.decode(text);
  } catch (cause) {
    const found = quote(Buffer.from(text).toString('latin1'));
    throw new ValueError(`vocabularyOf: expected UTF-8, found ${found}. Convert it in a map().`, { path: '', cause });
  }
}
