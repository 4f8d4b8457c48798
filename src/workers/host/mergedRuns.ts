import { ConfigError } from '../../base/errors.js';
import { Queue } from '../../base/queue.js';
import type { ThreadUsage } from '../../demand/observer.js';
import type { Outlet, Puller } from '../../demand/pullSource.js';
import type { WorkerCursor } from '../../resume/cursor.js';
import { TurnWatch, type Turn } from './turnWatch.js';
import type { Run, RunListener } from './pipelineThread.js';

export interface MergedRunsOptions {
  readonly starts: readonly ((listener: RunListener) => Run)[];
  readonly ordered: boolean;
  /** The index of the thread that delivers the first item. */
  readonly first: number;
  /** The name of the source in warnings. */
  readonly name: string;
  readonly threads: () => readonly ThreadUsage[];
  /** Receives the positions of the threads. Set if there is a downstream `resumable`. */
  readonly onPosition: ((index: number, cursor: WorkerCursor) => void) | undefined;
}

/** Merges one run of each thread: one item of each in turn if `ordered`, otherwise the items as they arrive. */
export class MergedRuns implements Puller {
  readonly threads: MergedRunsOptions['threads'];
  readonly #outlet: Outlet<unknown>;
  readonly #isOrdered: boolean;
  /** The runs whose end has not been processed yet. */
  readonly #lines: Line[];
  readonly #watch: TurnWatch | undefined;
  #turn = 0;
  #delivered = 0;
  #isWanted = false;
  #isStarting: boolean;

  constructor(outlet: Outlet<unknown>, { starts, ordered, name, first, threads, onPosition }: MergedRunsOptions) {
    this.threads = threads;
    this.#outlet = outlet;
    this.#isOrdered = ordered;
    this.#turn = first;
    // A cursor needs the positions of all threads.
    this.#isStarting = onPosition !== undefined;
    const onChange = (): void => this.#serve();
    this.#lines = starts.map(
      (start, index) => new Line(start, index, { onChange, position: (at) => onPosition?.(index, at) }),
    );
    if (ordered && starts.length > 1) this.#watch = new TurnWatch(name, () => this.#readTurn());
  }

  readonly pull = (): void => {
    this.#isWanted = true;
    this.#serve();
    if (!this.#isWanted) return;
    this.#wait(true);
    this.#watch?.begin();
  };

  readonly close = (): void => {
    this.#watch?.stop();
    for (const line of this.#lines) line.close();
  };

  #serve(): void {
    // `#isWanted` is also false while the constructor starts the runs.
    if (!this.#isWanted) return;
    const misuse = this.#lines.find((line) => line.isMisuse)?.end;
    if (misuse) {
      this.#fail(misuse.error);
      return;
    }
    if (this.#isStarting) this.#isStarting = this.#lines.some((line) => !line.hasPosition && !line.end);
    if (this.#isStarting) return;
    while (this.#isWanted) {
      const place = this.#nextPlace();
      const line = this.#lines[place];
      if (!line) return;
      const first = line.arrived.shift();
      if (first) {
        this.#turn = (place + 1) % this.#lines.length;
        this.#delivered++;
        this.#take();
        line.run.taken(first.bytes);
        this.#outlet.deliver(first.item);
      } else if (!line.end) return;
      else if ('error' in line.end) this.#fail(line.end.error);
      else {
        this.#lines.splice(place, 1);
        line.close();
        this.#turn = place % Math.max(1, this.#lines.length);
        if (this.#lines.length > 0) continue;
        this.#take();
        this.#outlet.complete();
      }
    }
  }

  #nextPlace(): number {
    if (this.#isOrdered) return this.#turn;
    const { length } = this.#lines;
    for (let step = 0; step < length; step++) {
      const place = (this.#turn + step) % length;
      if (this.#lines[place]?.isReady === true) return place;
    }
    return this.#turn;
  }

  #readTurn(): Turn {
    const line = this.#lines[this.#turn];
    const isAwaited =
      this.#isWanted && line?.isReady === false && this.#lines.some(({ arrived }) => arrived.length > 0);
    return { delivered: this.#delivered, awaited: isAwaited ? line.index : undefined };
  }

  #fail(error: unknown): void {
    this.#take();
    this.#outlet.fail(error);
  }

  #take(): void {
    this.#isWanted = false;
    this.#wait(false);
  }

  #wait(isWaiting: boolean): void {
    for (const { run } of this.#lines) run.wait(isWaiting);
  }
}

/** The run of a thread, with its items that have arrived. */
class Line {
  readonly arrived = new Queue<{ readonly item: unknown; readonly bytes: number }>();
  readonly run: Run;
  readonly index: number;
  end: { readonly error?: unknown } | undefined;
  hasPosition = false;

  constructor(
    start: MergedRunsOptions['starts'][number],
    index: number,
    on: { onChange: () => void; position: RunListener['position'] },
  ) {
    this.index = index;
    const end = (ending: { readonly error?: unknown }): void => {
      this.end = ending;
      on.onChange();
    };
    this.run = start({
      next: (item, bytes) => {
        this.arrived.push({ item, bytes });
        on.onChange();
      },
      error: (error) => end({ error }),
      complete: () => end({}),
      position: (cursor) => {
        this.hasPosition = true;
        on.position(cursor);
        on.onChange();
      },
    });
  }

  get isReady(): boolean {
    return this.arrived.length > 0 || this.end !== undefined;
  }

  /** A ConfigError is emitted out of turn, because the thread whose turn it is may wait for data. */
  get isMisuse(): boolean {
    return this.arrived.length === 0 && this.end?.error instanceof ConfigError;
  }

  close(): void {
    let [items, bytes] = [0, 0];
    for (let first = this.arrived.shift(); first; first = this.arrived.shift()) {
      items++;
      bytes += first.bytes;
    }
    this.run.unsubscribe({ items, bytes });
  }
}
