import {
  asFacts,
  mismatch,
  requireSame,
  type Announcement,
  type Cursor,
  type Facts,
  type InputCursor,
} from './cursor.js';
import { ConfigError } from '../base/errors.js';
import { InputPosition } from './inputPosition.js';

/**
 * Registers the stages and inputs upstream of a `resumable`, and throws a ConfigError if they differ from the cursor.
 *
 * The stages are registered in the first pass, because in later passes `cache` may replace them. The list is complete
 * when the first item arrives, or when the call of `subscribe` has returned. Later subscriptions (the second source of
 * a `concat`, the sources of `interleave`) are ignored, because their time depends on prefetching.
 */
export class Ledger {
  readonly #shuffledChannels: readonly string[];
  readonly #stages: Facts[] = [];
  readonly #inputs = new Map<string, InputPosition>();
  readonly #subscribed = new Set<unknown>();
  #areStagesKnown = false;
  #saved: Cursor | undefined;

  constructor(shuffledChannels: readonly string[]) {
    this.#shuffledChannels = shuffledChannels;
  }

  begin(saved: Cursor | undefined): void {
    this.#saved = saved;
    this.#subscribed.clear();
  }

  stage(stage: string, options: Announcement): void {
    if (this.#areStagesKnown) return;
    const found = asFacts({ stage, ...options });
    const place = this.#stages.push(found) - 1;
    const saved = this.#saved?.stages;
    if (saved) requireSame(`stages[${place}]`, saved[place] ?? {}, found);
  }

  /** Throws a ConfigError if a stage or input is subscribed twice in a pass. */
  once(key: unknown, name: string): void {
    if (this.#subscribed.has(key)) throw subscribedTwice(name);
    this.#subscribed.add(key);
  }

  /** Returns the next free name, in the order of subscription. */
  numbered(kind: string): string {
    for (let number = 0; ; number++) if (!this.#subscribed.has(`${kind} ${number}`)) return `${kind} ${number}`;
  }

  input(name: string, unit: 'bytes' | 'records'): InputPosition {
    this.once(name, name);
    const position = new InputPosition(name, unit, this.#savedInput(name));
    this.#inputs.set(name, position);
    return position;
  }

  isShuffled(channel: string): boolean {
    return this.#shuffledChannels.includes(channel);
  }

  /** Completes the list of stages. */
  seal(): void {
    if (this.#areStagesKnown) return;
    this.#areStagesKnown = true;
    const saved = this.#saved?.stages;
    const missing = saved?.[this.#stages.length];
    if (missing) throw mismatch(`stages[${this.#stages.length}]`, JSON.stringify(missing), 'none');
  }

  /** Throws a ConfigError if a shuffled channel was not read. */
  finish(): void {
    const unread = this.#shuffledChannels.find((channel) => !this.#inputs.has(channel));
    if (unread === undefined) return;
    throw new ConfigError(
      `resumable: shuffledChannels contains ${JSON.stringify(unread)}, but this pipeline does not read that channel. ` +
        `The pipeline reads ${[...this.#inputs.keys()].join(', ') || 'no channel and no file'}. Correct the name.`,
      { path: 'shuffledChannels' },
    );
  }

  read(within: 'epoch' | 'between epochs'): Pick<Cursor, 'stages' | 'inputs'> {
    const entries: [string, InputCursor][] = [];
    for (const [name, input] of this.#inputs) {
      const read = input.read();
      if (!read) continue;
      // Every epoch has the same bytes, unless the channel is shuffled.
      const atBeginning = { ...read, position: 0, marks: this.isShuffled(name) ? [] : read.marks };
      entries.push([name, within === 'epoch' ? read : atBeginning]);
    }
    const inputs = Object.fromEntries(entries);
    return this.#areStagesKnown ? { stages: [...this.#stages], inputs } : { inputs };
  }

  #savedInput(name: string): InputCursor | undefined {
    const inputs = this.#saved?.inputs;
    return inputs && Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  }
}

function subscribedTwice(name: string): ConfigError {
  return new ConfigError(
    `resumable: ${name} is subscribed twice in one epoch, but a cursor stores only one position for each input. ` +
      'Put repeat and retry after resumable.',
    { path: '' },
  );
}
