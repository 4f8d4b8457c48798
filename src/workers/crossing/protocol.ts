import type { EncodedError } from './encodeError.js';

/** What a worker is started with, as `workerData`. */
export interface WorkerSetup {
  /** The file of ours that the bootstrap imports: it serves one of the two protocols below. */
  readonly entry: string;
  /** What lets the worker import TypeScript, where it has to. */
  readonly typescriptLoader: string | undefined;
  /** As the user wrote it, such as `inWorker(pipeline.js)`: messages begin with it. */
  readonly name: string;
  /** The user's module, and which of its exports is meant. */
  readonly module: string;
  readonly exportName: string;
  readonly data?: unknown;
  /** Which memory is moved: see `packItem`. */
  readonly move: MovePolicy;
  readonly overrun?: 'warn' | 'error' | undefined;
  /** Shared memory. Not 0 if the thread must end. It then begins nothing after its module has loaded. */
  readonly isUnwanted: Int32Array;
}

/** Which memory leaves its thread by being moved; the rest is copied. */
export type MovePolicy = 'fresh' | 'all' | 'none';

/** How much may be made and not yet taken. */
export interface Credit {
  readonly items: number;
  readonly bytes: number;
}

/** To a worker that runs a pipeline. A run is one subscription. */
export type PipelineRequest =
  | { readonly type: 'subscribe'; readonly run: number; readonly credit: Credit }
  | { readonly type: 'taken'; readonly run: number; readonly bytes: number }
  | { readonly type: 'unsubscribe'; readonly run: number };

/** From a worker that runs a pipeline. */
export type PipelineMessage =
  | { readonly type: 'next'; readonly run: number; readonly item: unknown; readonly bytes: number }
  | { readonly type: 'complete'; readonly run: number }
  | { readonly type: 'error'; readonly run: number; readonly error: EncodedError }
  /** The answer to `unsubscribe`: nothing of the run is left. */
  | { readonly type: 'unsubscribed'; readonly run: number };

/** To a worker that maps. */
export interface MapRequest {
  readonly type: 'map';
  readonly task: number;
  readonly item: unknown;
  readonly index: number;
}

/** From a worker that maps. */
export type MapMessage =
  | { readonly type: 'mapped'; readonly task: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly task: number; readonly error: EncodedError };

/** From any worker. */
export type ThreadMessage =
  /** The module is loaded. */
  | { readonly type: 'loaded' }
  /** The module cannot be used; nothing else will come. */
  | { readonly type: 'unusable'; readonly error: EncodedError }
  /** A process warning, to be given on the other side: `process.on('warning')` hears those of its own thread only. */
  | { readonly type: 'warning'; readonly kind: string; readonly code: string | undefined; readonly message: string };
