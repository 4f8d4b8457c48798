import type { Observable } from 'rxjs';
import type { WorkerCursor } from '../../resume/cursor.js';
import type { Amount, Credit, PipelineMessage, PipelineRequest, RunStart } from '../crossing/protocol.js';
import { PipelineRun } from './pipelineRun.js';
import { pipelineUnder } from './pipelineUnder.js';
import type { WorkerContext } from './runWorker.js';

type Subscription = Extract<PipelineRequest, { readonly type: 'subscribe' }>;

/**
 * The runs of a pipeline. A subscription can request the next run in advance. The next run starts when the current run
 * completes. The numbers of the runs increase in the order of their starts.
 */
export class EpochRuns {
  readonly #pipeline: Observable<unknown>;
  readonly #context: WorkerContext<PipelineMessage>;
  /** The number of a completed run leads to the next run, which counts the remaining items of both. */
  readonly #runs = new Map<number, PipelineRun>();
  readonly #subscribed = new Map<number, Subscription>();
  readonly #completedEarly = new Set<number>();
  #lastStarted = -1;

  constructor(pipeline: Observable<unknown>, context: WorkerContext<PipelineMessage>) {
    this.#pipeline = pipeline;
    const report = (message: PipelineMessage): void => {
      context.report(message);
      if (message.type === 'complete') this.#complete(message.run);
      if (message.type === 'error') this.#forget(message.run);
    };
    this.#context = { ...context, report };
  }

  readonly handle = (request: PipelineRequest): void => {
    const { run } = request;
    switch (request.type) {
      case 'subscribe':
        this.#subscribe(request);
        break;
      case 'taken':
        this.#runs.get(run)?.taken(request);
        break;
      case 'unsubscribe':
        this.#unsubscribe(run);
        break;
    }
  };

  #subscribe(request: Subscription): void {
    const { run } = request;
    if (this.#completedEarly.delete(run)) this.#follow(request);
    else if (this.#runs.has(run)) this.#subscribed.set(run, request);
    else if (run > this.#lastStarted) {
      this.#subscribed.set(run, request);
      this.#start(request, request.credit);
    }
  }

  #unsubscribe(run: number): void {
    const current = this.#runs.get(run);
    // The main thread may not know yet that the run has completed, and that the next run has replaced it.
    if (!current || current.run === run) {
      current?.stop();
      this.#forget(run);
    }
    this.#lastStarted = Math.max(this.#lastStarted, run);
    this.#context.report({ type: 'unsubscribed', run });
  }

  #start({ run, pass }: RunStart, credit: Credit, untaken?: Amount): PipelineRun {
    this.#lastStarted = run;
    const started = new PipelineRun({ run, credit, context: this.#context, untaken });
    this.#runs.set(run, started);
    const position = (cursor: WorkerCursor): void => this.#context.report({ type: 'position', run, cursor });
    started.start(pass ? pipelineUnder(this.#pipeline, pass, position) : this.#pipeline);
    return started;
  }

  #complete(run: number): void {
    const request = this.#subscribed.get(run);
    if (request) this.#follow(request);
    else this.#completedEarly.add(run);
  }

  #follow({ run, next, credit }: Subscription): void {
    const completed = this.#runs.get(run);
    if (!completed || !next || next.run <= this.#lastStarted) {
      this.#forget(run);
      return;
    }
    this.#subscribed.delete(run);
    const following = this.#start(next, credit, completed.untaken);
    for (const [number, each] of this.#runs) {
      if (each !== completed) continue;
      if (completed.untaken.items > 0) this.#runs.set(number, following);
      else this.#runs.delete(number);
    }
  }

  #forget(run: number): void {
    this.#runs.delete(run);
    this.#subscribed.delete(run);
    this.#completedEarly.delete(run);
  }
}
