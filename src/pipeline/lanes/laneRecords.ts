import type { BlockTarget } from './blockTable.js';
import { ReusedMemory } from '../../base/reusedMemory.js';
import type { LaneWindow } from './globalOrder.js';
import { UnitMemory, WindowRecords } from './windowRecords.js';

/** Memory that the epochs reuse. */
export class LaneMemory {
  readonly blocks = new ReusedMemory();
  readonly units = new UnitMemory();
}

/** The memory and the loader of blocks that all lanes of an owner share. */
export interface LaneContext {
  readonly memory: LaneMemory;
  /** Resolves to `undefined` when the block is loaded, or to an object with the error if it cannot be loaded. */
  readonly load: (block: number, target: BlockTarget) => Promise<{ readonly error: unknown } | undefined>;
}

/** A window whose blocks are loaded. */
interface Window {
  readonly records: WindowRecords;
  readonly blocks: number;
  readonly random: (bound: number) => number;
  /** The number of records that have not been taken. */
  left: number;
  nextBucket: number;
}

/** Item i of `order` is the index in the window of the i-th record. */
interface Bucket {
  readonly order: Uint32Array;
  readonly memory: ArrayBufferLike;
}

/** The window of a lane that is read next. */
interface NextWindow {
  readonly window: LaneWindow;
  /** `undefined` before the first request. */
  records?: WindowRecords;
  requested: number;
  /** The number of requested records. */
  requestedRecords: number;
  missing: number;
  /** The errors of blocks that could not be loaded, by position in the window. */
  readonly errors: { readonly error: unknown }[];
}

/** The records of one lane: a window whose records are taken, and the next window, whose blocks are being loaded. */
export class LaneRecords {
  readonly #windows: Iterator<LaneWindow>;
  readonly #context: LaneContext;
  /** The number of records to drop at the start of the next window. */
  #skip: number;
  #window: Window | undefined;
  #bucket: Bucket | undefined;
  /** The number of records of the bucket that have been taken. */
  #taken = 0;
  #next: NextWindow | undefined;

  /** @param skip - the number of the lane's records to drop. Windows with only dropped records are not loaded. */
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
    return this.#window?.left ?? 0;
  }

  /** The number of blocks of the window whose memory is free again. */
  get taken(): number {
    return this.#window ? this.#window.blocks * (1 - this.left / this.#window.records.count) : 0;
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
    const records = (next.records ??= new WindowRecords(window, memory.units));
    const position = next.requested++;
    const { block, from, to } = window.parts[position] as (typeof window.parts)[number];
    const first = next.requestedRecords;
    next.requestedRecords += to - from;
    const failed = await load(block, { records, block: position, from, to, first, memory: memory.blocks });
    if (failed) next.errors[position] = failed;
    next.missing--;
  }

  /** Moves up to `count` records of the window to `into`, and returns their number. */
  take(count: number, into: unknown[]): number {
    const window = this.#window;
    if (!window) return 0;
    const taken = Math.min(count, window.left);
    for (let missing = taken; missing > 0;) {
      const { order, memory } = (this.#bucket ??= openBucket(window));
      const start = this.#taken;
      const end = Math.min(order.length, start + missing);
      for (let at = start; at < end; at++) {
        draw(order, at, window.random);
        into.push(window.records.read(order[at] as number, memory));
      }
      missing -= end - start;
      this.#taken = end;
      if (end === order.length) this.#closeBucket();
    }
    window.left -= taken;
    if (window.left === 0) this.#window = undefined;
    return taken;
  }

  /**
   * Begins the next window. Returns false if the window is not loaded yet.
   *
   * @throws the error of the first block that could not be loaded.
   */
  begin(): boolean {
    const next = this.#next;
    if (!next?.records || next.missing > 0) return false;
    for (const failed of next.errors) if (failed) throw failed.error;
    const { records } = next;
    const { parts, random } = next.window;
    this.#window = { records, blocks: parts.length, random, left: records.count, nextBucket: 0 };
    this.#drop(this.#skip);
    this.#skip = 0;
    this.#prepareNext();
    return true;
  }

  /** Drops the first `count` records of the window. Call it only if the window has more records. */
  #drop(count: number): void {
    const window = this.#window as Window;
    for (let missing = count; missing > 0;) {
      const { order } = (this.#bucket ??= openBucket(window));
      this.#taken = Math.min(order.length, missing);
      for (let at = 0; at < this.#taken; at++) draw(order, at, window.random);
      missing -= this.#taken;
      if (this.#taken === order.length) this.#closeBucket();
    }
    window.left -= count;
  }

  #closeBucket(): void {
    this.#bucket = undefined;
    this.#taken = 0;
  }

  #prepareNext(): void {
    const { value: window } = this.#windows.next() as IteratorResult<LaneWindow, undefined>;
    this.#next = window && { window, requested: 0, requestedRecords: 0, missing: window.parts.length, errors: [] };
  }
}

/** Opens the next bucket that has records. */
function openBucket(window: Window): Bucket {
  for (;;) {
    const { first, count, memory } = window.records.open(window.nextBucket++);
    if (count === 0) continue;
    const order = new Uint32Array(count);
    for (let at = 0; at < count; at++) order[at] = first + at;
    return { order, memory };
  }
}

/** One step of a Fisher–Yates shuffle: moves the drawn record to the position `at`. */
function draw(order: Uint32Array, at: number, random: (bound: number) => number): void {
  const chosen = at + random(order.length - at);
  const index = order[chosen] as number;
  order[chosen] = order[at] as number;
  order[at] = index;
}
