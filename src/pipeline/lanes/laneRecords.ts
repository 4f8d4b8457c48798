import type { BlockRecords } from './blockRecords.js';
import type { LaneWindow } from './globalOrder.js';

/** The records of a block, or the error of its reading. */
export type LoadedBlock = { readonly records: BlockRecords } | { readonly error: unknown };

/** The records of a window, in any order. Record i is the record `indices[i]` of the block `blocks[parts[i]]`. */
interface Window {
  readonly blocks: readonly BlockRecords[];
  readonly parts: Uint32Array;
  readonly indices: Uint32Array;
}

const NO_RECORDS: Window = {
  blocks: [],
  parts: new Uint32Array(0),
  indices: new Uint32Array(0),
};

/** The window of a lane that is read next. */
interface NextWindow {
  readonly window: LaneWindow;
  /** Complete if no block is missing. */
  readonly loaded: LoadedBlock[];
  requested: number;
  missing: number;
}

/** The records of one lane: a window whose records are taken, and the next window, whose blocks are being loaded. */
export class LaneRecords {
  readonly #windows: Iterator<LaneWindow>;
  /** The number of records to drop at the start of the next window. */
  #skip: number;
  #window = NO_RECORDS;
  #taken = 0;
  /** Not used. Keeps the accesses of {@link BlockRecords.touch} from being optimised away. */
  touched = 0;
  #random: (bound: number) => number = () => 0;
  #next: NextWindow | undefined;

  /** @param skip - the number of the lane's records that were taken before. Their windows are not loaded. */
  constructor(windows: Iterator<LaneWindow>, skip: number) {
    this.#windows = windows;
    this.#skip = skip;
    this.#prepareNext();
    while (this.#next && this.#next.window.records <= this.#skip) {
      this.#skip -= this.#next.window.records;
      this.#prepareNext();
    }
  }

  /** The number of records that can be taken before the next window is needed. */
  get left(): number {
    return this.#window.indices.length - this.#taken;
  }

  /** The number of requested blocks of the next window. */
  get ahead(): number {
    return this.#next?.requested ?? 0;
  }

  get hasUnrequested(): boolean {
    return this.#next !== undefined && this.#next.requested < this.#next.window.parts.length;
  }

  /** Requests the next block. Call it only if there is an unrequested block. */
  request(load: (block: number) => Promise<LoadedBlock>): Promise<void> {
    const next = this.#next as NextWindow;
    const position = next.requested++;
    return load(next.window.parts[position]?.block as number).then((loaded) => {
      next.loaded[position] = loaded;
      next.missing--;
    });
  }

  /** Moves up to `count` records of the window to `into`, and returns their number. */
  take(count: number, into: unknown[]): number {
    const start = this.#taken;
    const end = start + Math.min(count, this.left);
    const { blocks, parts, indices } = this.#window;
    while (this.#taken < end) this.#draw();
    // In a short loop, the CPU waits for many records at the same time. Without it, each first access to a record of 1 KiB
    // took 330 ns, with it 100 ns.
    for (let at = start; at < end; at++)
      this.touched ^= (blocks[parts[at] as number] as BlockRecords).touch(indices[at] as number);
    for (let at = start; at < end; at++)
      into.push((blocks[parts[at] as number] as BlockRecords).get(indices[at] as number));
    if (this.left === 0) {
      // Frees the blocks before the next window is there.
      this.#window = NO_RECORDS;
      this.#taken = 0;
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
    if (!next || next.missing > 0) return false;
    this.#window = windowOf(next);
    this.#taken = 0;
    this.#random = next.window.random;
    for (; this.#skip > 0; this.#skip--) this.#draw();
    this.#prepareNext();
    return true;
  }

  /** One step of a Fisher–Yates shuffle: moves the drawn record to the position that is taken. */
  #draw(): void {
    const { parts, indices } = this.#window;
    const at = this.#taken++;
    const chosen = at + this.#random(indices.length - at);
    const [part, index] = [parts[chosen] as number, indices[chosen] as number];
    parts[chosen] = parts[at] as number;
    indices[chosen] = indices[at] as number;
    parts[at] = part;
    indices[at] = index;
  }

  #prepareNext(): void {
    const { value: window } = this.#windows.next() as IteratorResult<LaneWindow, undefined>;
    this.#next = window && { window, loaded: [], requested: 0, missing: window.parts.length };
  }
}

/** @throws the error of the first block that could not be loaded. */
function windowOf({ window, loaded }: NextWindow): Window {
  const parts = new Uint32Array(window.records);
  const indices = new Uint32Array(window.records);
  let end = 0;
  for (const [part, { from, to }] of window.parts.entries()) {
    for (let index = from; index < to; index++) {
      parts[end] = part;
      indices[end++] = index;
    }
  }
  const blocks = loaded.map((block) => {
    if ('error' in block) throw block.error;
    return block.records;
  });
  return { blocks, parts, indices };
}
