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
 * What the stages and inputs above a `resumable` tell of themselves, and the place where each is compared with the cursor
 * that is resumed from.
 *
 * Stages are those of the first pass: in later ones `cache` may stand for all that is above it. They are known when the
 * first item comes, or when the subscription has returned; what is subscribed later (the second source of a `concat`,
 * the streams of `interleave`) depends on how far is read ahead.
 */
export class Ledger {
  readonly #shuffledChannels: readonly string[];
  readonly #stages: Facts[] = [];
  readonly #inputs = new Map<string, InputPosition>();
  /** What has been subscribed in this pass. */
  readonly #subscribed = new Set<unknown>();
  #areStagesKnown = false;
  #saved: Cursor | undefined;

  constructor(shuffledChannels: readonly string[]) {
    this.#shuffledChannels = shuffledChannels;
  }

  /** A pass begins; `saved` is the cursor that it resumes from. */
  begin(saved: Cursor | undefined): void {
    this.#saved = saved;
    this.#subscribed.clear();
  }

  /** A stage on whose options the items depend. Throws a ConfigError where the cursor has another. */
  stage(stage: string, options: Announcement): void {
    if (this.#areStagesKnown) return;
    const found = asFacts({ stage, ...options });
    const place = this.#stages.push(found) - 1;
    const saved = this.#saved?.stages;
    if (saved) requireSame(`stages[${place}]`, saved[place] ?? {}, found);
  }

  /** Lets a stage or an input be subscribed once in a pass. Throws a ConfigError the second time. */
  once(key: unknown, name: string): void {
    if (this.#subscribed.has(key)) throw subscribedTwice(name);
    this.#subscribed.add(key);
  }

  /** Numbers the inputs of a kind that have no name, in the order in which they are subscribed. */
  numbered(kind: string): string {
    for (let number = 0; ; number++) if (!this.#subscribed.has(`${kind} ${number}`)) return `${kind} ${number}`;
  }

  /** An input, which is about to be read. It is compared with the one that the cursor has under that name. */
  input(name: string, unit: 'bytes' | 'records'): InputPosition {
    this.once(name, name);
    const position = new InputPosition(name, unit, this.#savedInput(name));
    this.#inputs.set(name, position);
    return position;
  }

  /** Whether each epoch of that channel has an order of its own. */
  isShuffled(channel: string): boolean {
    return this.#shuffledChannels.includes(channel);
  }

  /** All stages that will be known are known now. Throws a ConfigError where the cursor has more. */
  seal(): void {
    if (this.#areStagesKnown) return;
    this.#areStagesKnown = true;
    const saved = this.#saved?.stages;
    const missing = saved?.[this.#stages.length];
    if (missing) throw mismatch(`stages[${this.#stages.length}]`, JSON.stringify(missing), 'none');
  }

  /** The pass has completed. Throws a ConfigError for a shuffled channel that nobody reads. */
  finish(): void {
    const unread = this.#shuffledChannels.find((channel) => !this.#inputs.has(channel));
    if (unread === undefined) return;
    throw new ConfigError(
      `resumable: shuffledChannels names ${JSON.stringify(unread)}, which this pipeline does not read. ` +
        `It reads ${[...this.#inputs.keys()].join(', ') || 'no channel and no file'}.`,
      { path: 'shuffledChannels' },
    );
  }

  /** As the cursor holds it, within an epoch or at the beginning of one. */
  read(within: 'epoch' | 'between epochs'): Pick<Cursor, 'stages' | 'inputs'> {
    const entries: [string, InputCursor][] = [];
    for (const [name, input] of this.#inputs) {
      const read = input.read();
      if (!read) continue;
      // Every epoch has the same bytes, save where they are shuffled.
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
    `resumable: ${name} is subscribed a second time within one epoch, and a cursor has one position for it. ` +
      'Put repeat and retry below resumable.',
    { path: '' },
  );
}
