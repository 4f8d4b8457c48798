import type { BlockTarget } from './blockTable.js';
import type { ReusedMemory } from '../../base/reusedMemory.js';
import type { OutputMemory } from './outputMemory.js';
import type { LaneWindow } from './globalOrder.js';
import { WindowRecords } from './windowRecords.js';

/** What all lanes of an owner share. */
export interface LaneContext {
  readonly memory: ReusedMemory;
  readonly output: OutputMemory;
  /** Resolves if the block is loaded, or if it cannot be loaded: with the error in an object. */
  readonly load: (block: number, target: BlockTarget) => Promise<{ readonly error: unknown } | undefined>;
}

/** A window whose blocks are loaded. Item i of `order` is the index of the i-th record. */
interface Window {
  readonly records: WindowRecords;
  readonly order: Uint32Array;
}

/** The window of a lane that is read next. */
interface NextWindow {
  readonly window: LaneWindow;
  /** Created by the first request. */
  records?: WindowRecords;
  requested: number;
  /** The number of requested records. */
  requestedRecords: number;
  missing: number;
  /** The errors of blocks, by position. */
  readonly errors: { readonly error: unknown }[];
}

/** The records of one lane: a window whose records are taken, and the next window, whose blocks are being loaded. */
export class LaneRecords {
  readonly #windows: Iterator<LaneWindow>;
  readonly #context: LaneContext;
  /** The number of records to drop at the start of the next window. */
  #skip: number;
  #window: Window | undefined;
  #taken = 0;
  #random: (bound: number) => number = () => 0;
  #next: NextWindow | undefined;

  /** @param skip - the number of the lane's records that were taken before. Their windows are not loaded. */
  constructor(windows: Iterator<LaneWindow>, skip: number, context: LaneContext) {
    this.#windows = windows;
    this.#context = context;
    this.#skip = skip;
    this.#prepareNext();
    while (this.#next && this.#next.window.records <= this.#skip) {
      this.#skip -= this.#next.window.records;
      this.#prepareNext();
    }
  }

  /** The number of records that can be taken before the next window is needed. */
  get left(): number {
    return this.#window ? this.#window.order.length - this.#taken : 0;
  }

  /** The number of requested blocks of the next window. */
  get ahead(): number {
    return this.#next?.requested ?? 0;
  }

  get hasUnrequested(): boolean {
    return this.#next !== undefined && this.#next.requested < this.#next.window.parts.length;
  }

  /** Requests the next block. Call it only if there is an unrequested block. */
  async request(): Promise<void> {
    const next = this.#next as NextWindow;
    const { window } = next;
    const { load, memory } = this.#context;
    const records = (next.records ??= new WindowRecords(window));
    const position = next.requested++;
    const { block, from, to } = window.parts[position] as (typeof window.parts)[number];
    const first = next.requestedRecords;
    next.requestedRecords += to - from;
    const failed = await load(block, { records, block: position, from, to, first, memory });
    if (failed) next.errors[position] = failed;
    next.missing--;
  }

  /** Moves up to `count` records of the window to `into`, and returns their number. */
  take(count: number, into: unknown[]): number {
    const window = this.#window;
    if (!window) return 0;
    const { records, order } = window;
    const start = this.#taken;
    const end = start + Math.min(count, order.length - start);
    for (let at = start; at < end; at++) draw(order, at, this.#random);
    records.copy(order.subarray(start, end), this.#context.output, into);
    this.#taken = end;
    if (end === order.length) {
      for (const memory of records.memory) this.#context.memory.giveBack(memory);
      this.#window = undefined;
    }
    return end - start;
  }

  /**
   * Begins the next window, if it is loaded.
   *
   * @throws the error of the first block that could not be loaded.
   */
  begin(): boolean {
    const next = this.#next;
    if (!next?.records || next.missing > 0) return false;
    for (const failed of next.errors) if (failed) throw failed.error;
    const { records } = next;
    const order = new Uint32Array(records.count);
    for (let at = 0; at < order.length; at++) order[at] = at;
    this.#random = next.window.random;
    for (let at = 0; at < this.#skip; at++) draw(order, at, this.#random);
    this.#window = { records, order };
    this.#taken = this.#skip;
    this.#skip = 0;
    this.#prepareNext();
    return true;
  }

  #prepareNext(): void {
    const { value: window } = this.#windows.next() as IteratorResult<LaneWindow, undefined>;
    this.#next = window && { window, requested: 0, requestedRecords: 0, missing: window.parts.length, errors: [] };
  }
}

/** One step of a Fisher–Yates shuffle: moves the drawn record to the position `at`. */
function draw(order: Uint32Array, at: number, random: (bound: number) => number): void {
  const chosen = at + random(order.length - at);
  const index = order[chosen] as number;
  order[chosen] = order[at] as number;
  order[at] = index;
}
