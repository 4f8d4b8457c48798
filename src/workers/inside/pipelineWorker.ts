import { isObservable, type Observable } from 'rxjs';
import { ConfigError } from '../../base/errors.js';
import { PipelineRun } from './pipelineRun.js';
import type { PipelineMessage, PipelineRequest, WorkerSetup } from '../crossing/protocol.js';
import { runWorker, type WorkerContext } from './runWorker.js';

/** Makes the pipeline once, and subscribes to it for each run. */
await runWorker<PipelineMessage>((context) => {
  const pipeline = pipelineOf(context.setup, context.exported);
  const runs = new Map<number, PipelineRun>();
  const report = (message: PipelineMessage): void => {
    if (message.type !== 'next') runs.delete(message.run);
    context.report(message);
  };
  return (request: PipelineRequest) => handle(request, { pipeline, runs, context: { ...context, report } });
});

interface Serving {
  readonly pipeline: Observable<unknown>;
  readonly runs: Map<number, PipelineRun>;
  readonly context: WorkerContext<PipelineMessage>;
}

function handle(request: PipelineRequest, { pipeline, runs, context }: Serving): void {
  const { run } = request;
  switch (request.type) {
    case 'subscribe': {
      const started = new PipelineRun({ run, credit: request.credit, context });
      runs.set(run, started);
      started.start(pipeline);
      break;
    }
    case 'taken':
      runs.get(run)?.taken(request.bytes);
      break;
    case 'unsubscribe':
      runs.get(run)?.stop();
      context.report({ type: 'unsubscribed', run });
      break;
  }
}

function pipelineOf({ name, exportName, data }: WorkerSetup, exported: unknown): Observable<unknown> {
  const made: unknown = typeof exported === 'function' ? (exported as (data: unknown) => unknown)(data) : exported;
  if (isObservable(made)) return made;
  const found = typeof exported === 'function' ? `a function that returns ${typeof made}` : typeof exported;
  const message = `${name}: expected ${exportName} to be an Observable, or a function that returns one, found ${found}.`;
  throw new ConfigError(message, { path: 'exportName' });
}
