import type { EncodedError } from './encodeError.js';

export interface WorkerSetup {
  /** The file that the bootstrap imports. It implements one of the two protocols below. */
  readonly entry: string;
  /** The module that registers a TypeScript loader, if one is needed. */
  readonly typescriptLoader: string | undefined;
  /** The name in the user's code, for example `inWorker(pipeline.js)`. Error messages begin with it. */
  readonly name: string;
  readonly module: string;
  readonly exportName: string;
  readonly data?: unknown;
  readonly move: MovePolicy;
  readonly overrun?: 'warn' | 'error' | undefined;
  /** A number in shared memory. If it is not 0, the thread must end after its module has loaded. */
  readonly isUnwanted: Int32Array;
}

/** The memory that is moved to the other thread. Other memory is copied. */
export type MovePolicy = 'fresh' | 'all' | 'none';

/** How much may be produced before the receiver takes it. */
export interface Credit {
  readonly items: number;
  readonly bytes: number;
}

/** A run is one subscription. */
export type PipelineRequest =
  | { readonly type: 'subscribe'; readonly run: number; readonly credit: Credit }
  | { readonly type: 'taken'; readonly run: number; readonly bytes: number }
  | { readonly type: 'unsubscribe'; readonly run: number };

export type PipelineMessage =
  | { readonly type: 'next'; readonly run: number; readonly item: unknown; readonly bytes: number }
  | { readonly type: 'complete'; readonly run: number }
  | { readonly type: 'error'; readonly run: number; readonly error: EncodedError }
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
  /** This is the worker's last message. */
  | { readonly type: 'unusable'; readonly error: EncodedError }
  /**
   * The main thread emits the warning again, because its `process.on('warning')` does not receive warnings of workers.
   */
  | { readonly type: 'warning'; readonly kind: string; readonly code: string | undefined; readonly message: string };
