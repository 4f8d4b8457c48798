import type { ThreadGroup } from '../../base/threadGroups.js';
import type { WorkerCursor } from '../../resume/cursor.js';
import type { EncodedError } from './encodeError.js';

export interface WorkerSetup {
  /** The file that the bootstrap imports. It implements one of the protocols below. */
  readonly entry: string;
  readonly typescriptLoader: string | undefined;
  readonly name: string;
  readonly module: string;
  readonly exportName: string;
  readonly data?: unknown;
  readonly place?: WorkerPlace | undefined;
  readonly groups: readonly ThreadGroup[];
  readonly move: MovePolicy;
  readonly overrun?: 'warn' | 'error' | undefined;
  /** Shared memory. The main thread sets the element to 1 to end the worker as soon as its module has loaded. */
  readonly isUnwanted: Int32Array;
}

/** The position of a thread of `inWorker`: the second argument of the module's function. */
export interface WorkerPlace {
  /** The number of threads. */
  readonly count: number;
  /** The index of this thread, from 0. */
  readonly index: number;
}

/** The pass of a downstream `resumable`. */
export interface WorkerPass {
  /** Identifies the `resumable`, so that the thread uses the same ledger for each of its passes. */
  readonly ledger: number;
  readonly epoch: number;
  readonly shuffledChannels: readonly string[];
  readonly saved: WorkerCursor | undefined;
  /**
   * With `recordsPerItem: 1`, the number of steps before the first item. Otherwise, the epoch is read from its start.
   */
  readonly steps: number | undefined;
}

/** The memory that is moved to the receiving thread. Other memory is copied. */
export type MovePolicy = 'fresh' | 'all' | 'none';

export interface Amount {
  readonly items: number;
  readonly bytes: number;
}

/** The maximum numbers of items and bytes that the worker sends before the receiver requests them. */
export type Credit = Amount;

export interface RunStart {
  readonly run: number;
  readonly pass: WorkerPass | undefined;
}

export type PipelineRequest =
  | ({
      readonly type: 'subscribe';
      readonly credit: Credit;
      /** The run to start when this run has completed, before the main thread subscribes again. */
      readonly next: RunStart | undefined;
    } & RunStart)
  | ({ readonly type: 'taken'; readonly run: number } & Amount)
  | { readonly type: 'unsubscribe'; readonly run: number };

/** The split that a helper of `onHosts` reads: the second argument of the module's function. */
export interface SplitPlace {
  /** The element of `splits`. */
  readonly split: unknown;
  /** The index of the split, from 0. */
  readonly index: number;
  /** The number of the epoch, from 0. */
  readonly epoch: number;
}

export type SplitRequest =
  | {
      readonly type: 'subscribe';
      readonly run: number;
      readonly credit: Credit;
      readonly data: unknown;
      readonly place: SplitPlace;
      /** The number of items to drop at the start. */
      readonly from: number;
    }
  | Extract<PipelineRequest, { readonly type: 'taken' | 'unsubscribe' }>;

export type PipelineMessage =
  | { readonly type: 'next'; readonly run: number; readonly item: unknown; readonly bytes: number }
  | { readonly type: 'complete'; readonly run: number }
  | { readonly type: 'error'; readonly run: number; readonly error: EncodedError }
  /** Sent before the first item, after checksums of inputs, and at the end. */
  | { readonly type: 'position'; readonly run: number; readonly cursor: WorkerCursor }
  /** The run has released all its resources. */
  | { readonly type: 'unsubscribed'; readonly run: number };

export interface MapRequest {
  readonly type: 'map';
  readonly task: number;
  readonly item: unknown;
  readonly index: number;
}

export type MapMessage =
  | { readonly type: 'mapped'; readonly task: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly task: number; readonly error: EncodedError };

export type ThreadMessage =
  | { readonly type: 'loaded' }
  | { readonly type: 'unusable'; readonly error: EncodedError }
  /**
   * The main thread emits the warning again, because its `process.on('warning')` does not receive warnings of workers.
   */
  | { readonly type: 'warning'; readonly kind: string; readonly code: string | undefined; readonly message: string };
