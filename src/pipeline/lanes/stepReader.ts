import { keepFreedMemory } from '../../base/keepFreedMemory.js';
import type { Outlet, Puller } from '../../demand/pullSource.js';
import type { BlockTable } from './blockTable.js';
import { GlobalOrder, recordsOfLane, type OrderOptions } from './globalOrder.js';
import { LaneRecords, type LaneContext, type LaneMemory } from './laneRecords.js';

export interface StepOptions extends OrderOptions {
  readonly globalBatchSize: number;
  readonly dropRemainder: boolean;
  readonly owner: { readonly count: number; readonly index: number };
  /** The first step to read. */
  readonly firstStep: number;
  readonly concurrency: number;
  readonly memory: LaneMemory;
}

interface OwnLane {
  readonly lane: number;
  readonly records: LaneRecords;
}

/** Reads the steps of an epoch: for each step, the records of the owner's lanes, lane after lane. */
export class StepReader implements Puller {
  readonly #table: BlockTable;
  readonly #options: StepOptions;
  readonly #outlet: Outlet<unknown[]>;
  readonly #steps: number;
  readonly #lanes: readonly OwnLane[];
  readonly #controller = new AbortController();
  #step: number;
  #inFlight = 0;
  /** The records of the current step that have been taken. `undefined` if no pull is pending. */
  #part: unknown[] | undefined;
  #laneAt = 0;
  #missing = 0;

  constructor(table: BlockTable, options: StepOptions, outlet: Outlet<unknown[]>) {
    const { owner, lanes, globalBatchSize, dropRemainder, firstStep, memory } = options;
    keepFreedMemory();
    this.#table = table;
    this.#options = options;
    this.#outlet = outlet;
    this.#step = firstStep;
    this.#steps = Math[dropRemainder ? 'floor' : 'ceil'](table.total / globalBatchSize);
    const order = new GlobalOrder(table.sizes, options);
    const { signal } = this.#controller;
    const context: LaneContext = {
      memory,
      load: (block, target) =>
        table.load(block, target, signal).then(
          () => undefined,
          (error: unknown) => ({ error }),
        ),
    };
    const [first, end] = [owner.index, owner.index + 1].map((index) => Math.floor((index * lanes) / owner.count));
    this.#lanes = Array.from({ length: (end as number) - (first as number) }, (_, position) => {
      const lane = (first as number) + position;
      return {
        lane,
        records: new LaneRecords(order.windowsOf(lane), this.#before(lane, firstStep), context),
      };
    });
  }

  pull(): void {
    if (this.#step >= this.#steps) {
      this.#outlet.complete();
      return;
    }
    this.#part = [];
    this.#beginLane(0);
    this.#advance();
  }

  close(): void {
    this.#part = undefined;
    this.#controller.abort();
  }

  /** Returns the number of the lane's records before a step. */
  #before(lane: number, step: number): number {
    const { lanes, globalBatchSize } = this.#options;
    return recordsOfLane(lane, lanes, Math.min(step * globalBatchSize, this.#table.total));
  }

  #beginLane(position: number): void {
    this.#laneAt = position;
    const lane = this.#lanes[position]?.lane;
    if (lane !== undefined) this.#missing = this.#before(lane, this.#step + 1) - this.#before(lane, this.#step);
  }

  /** Takes records until the step is complete, or until a block is missing. */
  #advance(): void {
    const part = this.#part;
    if (!part) return;
    try {
      this.#request();
      for (let own = this.#lanes[this.#laneAt]; own; own = this.#lanes[this.#laneAt]) {
        this.#missing -= own.records.take(this.#missing, part);
        if (this.#missing === 0) this.#beginLane(this.#laneAt + 1);
        else {
          const hasBegun = own.records.begin();
          // A lane that has no records left, or that has begun a window, may load more blocks.
          this.#request();
          if (!hasBegun) return;
        }
      }
    } catch (error) {
      this.#part = undefined;
      this.#outlet.fail(error);
      return;
    }
    this.#part = undefined;
    this.#step++;
    this.#outlet.deliver(part);
  }

  /** Requests the blocks that are needed first. Sends requests only while a pull is pending. */
  #request(): void {
    while (this.#inFlight < this.#options.concurrency) {
      const lane = this.#nextLane();
      if (!lane) return;
      this.#inFlight++;
      void lane.request().then(() => {
        this.#inFlight--;
        this.#advance();
      });
    }
  }

  /**
   * Returns the lane with the fewest records left, if it may request a block. All lanes with records left may together
   * request up to one window of blocks in advance, while the memory of their current windows becomes free.
   */
  #nextLane(): LaneRecords | undefined {
    const { windowBlocks, concurrency } = this.#options;
    let next: LaneRecords | undefined;
    let ahead = 0;
    let free = concurrency;
    for (const { records } of this.#lanes) {
      free += records.taken;
      if (records.left > 0) ahead += records.ahead;
      if (records.hasUnrequested && (!next || records.left < next.left)) next = records;
    }
    return next && (next.left === 0 || ahead < Math.min(windowBlocks, free)) ? next : undefined;
  }
}
