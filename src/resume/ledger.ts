import {
  asFacts,
  mismatch,
  requireSame,
  subscribedTwice,
  type Announcement,
  type Cursor,
  type Facts,
  type InputCursor,
  type WorkerCursor,
} from './cursor.js';
import { ConfigError } from '../base/errors.js';
import { setProperty } from '../base/setProperty.js';
import type { Seek } from './fileStarts.js';
import { inputOfOtherKind, InputPosition } from './inputPosition.js';
import { beginSteps, requireThreads } from './threadSteps.js';
import { WorkerPositions } from './workerPositions.js';
import { itemsPerDelivered, needsFiles, needsThisThread, refuseSeeking, requireCount } from './seeking.js';

/**
 * Registers the stages and inputs upstream of a `resumable`. Its methods throw a ConfigError if a stage or input
 * differs from the cursor.
 *
 * Registers stages only in the first pass, because a filled `cache` does not subscribe to its source in later passes.
 * Registers no stages after the first item has arrived or `subscribe` has returned. Later subscriptions, for example to
 * the second source of a `concat`, come at a different time in each run.
 */
export class Ledger {
  readonly shuffledChannels: readonly string[];
  readonly #stages: Facts[] = [];
  readonly #inputs = new Map<string, InputPosition>();
  readonly #workers = new Map<string, WorkerPositions>();
  readonly #subscribed = new Set<unknown>();
  #areStagesKnown = false;
  #saved: Cursor | undefined;
  readonly #items: (() => number) | undefined;
  readonly #recordsPerItem: number | undefined;
  /** The only input of the pass, if the pass is resumed at a record. */
  #seeking: InputPosition | undefined;

  /** With `recordsPerItem`: the number of threads of `inWorker` that deliver parts of each step. */
  threads = 1;

  /** @param items - returns the number of delivered items of the epoch. Not set in a thread of `inWorker`. */
  constructor(shuffledChannels: readonly string[] = [], recordsPerItem?: number, items?: () => number) {
    this.shuffledChannels = shuffledChannels;
    this.#recordsPerItem = recordsPerItem;
    this.#items = items;
  }

  begin(saved: Cursor | undefined): void {
    this.#saved = saved;
    this.#seeking = undefined;
    this.#subscribed.clear();
  }

  /** @throws ConfigError if `recordsPerItem` is set, but the stage does not make its items from consecutive records. */
  refuseSeeking(stage: string): void {
    if (this.#recordsPerItem !== undefined) refuseSeeking(stage);
  }

  stage(stage: string, options: Announcement): void {
    this.refuseSeeking(stage);
    this.decoder(stage, options);
  }

  /** Like {@link stage}, but allows `recordsPerItem`, which makes the facts of a decoder facts of the input. */
  decoder(stage: string, options: Announcement): void {
    if (this.#areStagesKnown) return;
    const found = asFacts({ stage, ...options });
    const place = this.#stages.push(found) - 1;
    const saved = this.#saved?.stages;
    if (saved) requireSame(`stages[${place}]`, saved[place] ?? {}, found);
  }

  /** The number of items that were delivered before the epoch was resumed. */
  get savedItems(): number {
    return this.#saved?.items ?? 0;
  }

  /**
   * Returns how many items of a stage are in one item of `resumable`, or 0 if a resumed epoch is read from its start.
   * Call this at the stage's first subscription, before {@link stage}.
   */
  itemsPerDelivered(stage: string): number {
    return this.#recordsPerItem === undefined ? 0 : itemsPerDelivered(stage, this.#stages);
  }

  once(key: unknown, name: string): void {
    if (this.#subscribed.has(key)) throw subscribedTwice(name);
    this.#subscribed.add(key);
  }

  numbered(kind: string): string {
    for (let number = 0; ; number++) if (!this.#subscribed.has(`${kind} ${number}`)) return `${kind} ${number}`;
  }

  input(name: string, unit: InputCursor['unit']): InputPosition {
    this.once(name, name);
    const saved = this.#savedInput(name, unit);
    const position = new InputPosition(name, unit, saved, this.#seekIn(unit));
    this.#inputs.set(name, position);
    if (this.#recordsPerItem !== undefined) this.#seeking = position;
    return position;
  }

  #seekIn(unit: InputCursor['unit']): Seek | undefined {
    const recordsPerItem = this.#recordsPerItem;
    if (recordsPerItem === undefined) return undefined;
    if (unit === 'bytes' || this.#seeking) throw needsFiles();
    if (unit !== 'steps' && !this.#items) throw needsThisThread();
    const startRecord = (this.#saved?.items ?? 0) * recordsPerItem;
    return { startRecord, delivered: () => (this.#items?.() ?? 0) * recordsPerItem };
  }

  requireItems(items: number, at: 'an item' | 'the end'): void {
    // Each thread of `inWorker` calls this for its own items.
    if (this.#recordsPerItem === undefined || this.#workers.size > 0) return;
    if (!this.#seeking) throw needsFiles();
    requireCount({ items, records: this.#seeking.records, recordsPerItem: this.#recordsPerItem, at });
  }

  isShuffled(channel: string): boolean {
    return this.shuffledChannels.includes(channel);
  }

  seal(): void {
    if (this.#areStagesKnown) return;
    this.#areStagesKnown = true;
    const saved = this.#saved?.stages;
    const missing = saved?.[this.#stages.length];
    if (this.#recordsPerItem !== undefined && this.#workers.size > 0) return;
    requireThreads(this.#saved, 1);
    if (missing) throw mismatch(`stages[${this.#stages.length}]`, JSON.stringify(missing), 'none');
  }

  finish(): void {
    const workers = [...this.#workers.values()];
    const unread = this.shuffledChannels.find(
      (channel) => !this.#inputs.has(channel) && !workers.some((positions) => positions.hasInput(channel)),
    );
    if (unread === undefined) return;
    throw new ConfigError(
      `resumable: shuffledChannels contains ${JSON.stringify(unread)}, but the pipeline does not read this ` +
        `channel. The pipeline reads ${[...this.#inputs.keys()].join(', ') || 'no channel and no file'}. Correct ` +
        'the name.',
      { path: 'shuffledChannels' },
    );
  }

  /** Registers an `inWorker`. Call this at each subscription, with the same name. */
  workers(name: string, { workers, ...options }: Announcement & { readonly workers: number }): WorkerPositions {
    if (this.#recordsPerItem === undefined) this.stage('inWorker', { ...options, workers });
    const key = this.numbered(name);
    this.once(key, name);
    const positions = this.#workers.get(key) ?? new WorkerPositions();
    this.#workers.set(key, positions);
    if (this.#recordsPerItem === undefined) positions.saved = this.#saved?.workers?.[key];
    else this.#beginThreads(positions, workers);
    return positions;
  }

  /** Each thread reads the part of one owner in `globalBatches`. The cursor does not depend on the number of threads. */
  #beginThreads(positions: WorkerPositions, threads: number): void {
    if (this.#recordsPerItem !== 1 || this.#workers.size > 1) throw needsThisThread();
    requireThreads(this.#saved, threads);
    this.threads = threads;
    beginSteps(positions, this.#saved, { threads, mainStages: this.#stages.length });
  }

  /** Returns the position, and the version of the cursor. */
  read(within: 'epoch' | 'between epochs'): Pick<Cursor, 'version' | 'stages' | 'inputs' | 'workers'> {
    const inputs: Record<string, InputCursor> = {};
    for (const [name, input] of this.#inputs) {
      const read = input.read();
      if (read) setProperty(inputs, name, read);
    }
    const stages = [...this.#stages];
    if (this.#recordsPerItem !== undefined) {
      const [thread] = [...this.#workers.values()].flatMap((positions) => positions.read());
      Object.assign(inputs, thread?.inputs);
      stages.push(...(thread?.stages ?? []));
    }
    return {
      version: this.#areSteps(inputs) ? 2 : 1,
      ...(this.#areStagesKnown && { stages }),
      inputs: this.#placed(inputs, within),
      ...(this.#workers.size > 0 && this.#recordsPerItem === undefined && { workers: this.#readWorkers(within) }),
    };
  }

  #areSteps(inputs: WorkerCursor['inputs']): boolean {
    const all = Object.values(inputs);
    return this.#recordsPerItem === 1 && all.length > 0 && all.every(({ unit }) => unit === 'steps');
  }

  #readWorkers(within: 'epoch' | 'between epochs'): NonNullable<Cursor['workers']> {
    const placed = (worker: WorkerCursor) => ({ ...worker, inputs: this.#placed(worker.inputs, within) });
    return Object.fromEntries([...this.#workers].map(([name, positions]) => [name, positions.read().map(placed)]));
  }

  #placed(inputs: WorkerCursor['inputs'], within: 'epoch' | 'between epochs'): Record<string, InputCursor> {
    const steps = this.#areSteps(inputs) ? this.#items?.() : undefined;
    return Object.fromEntries(
      Object.entries(inputs).map(([name, read]) => {
        // Owners may have read different numbers of steps ahead.
        const placed = { ...read, position: steps ?? read.position };
        if (within === 'epoch') return [name, placed];
        // Every epoch has the same bytes, unless the channel is shuffled.
        return [name, { ...placed, position: 0, marks: this.isShuffled(name) ? [] : read.marks, start: undefined }];
      }),
    );
  }

  #savedInput(name: string, unit: InputCursor['unit']): InputCursor | undefined {
    const { inputs = {} } = this.#saved ?? {};
    if (Object.hasOwn(inputs, name)) return inputs[name];
    return this.#recordsPerItem === undefined ? undefined : inputOfOtherKind(inputs, unit);
  }
}
