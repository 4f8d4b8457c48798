import { defer, map, skip, type Observable } from 'rxjs';
import { ConfigError } from '../../base/errors.js';
import { encodeAlignedItem } from '../../base/alignedItem.js';
import type { PipelineMessage, SplitRequest, WorkerSetup } from '../crossing/protocol.js';
import { PipelineRun } from './pipelineRun.js';
import { pipelineOf } from './pipelineOf.js';
import { runWorker } from './runWorker.js';

type SplitStart = Extract<SplitRequest, { readonly type: 'subscribe' }>;

/** Runs the pipelines of splits, one after another, and emits their encoded items. */
await runWorker<PipelineMessage>((context) => {
  let current: PipelineRun | undefined;
  return (request: SplitRequest) => {
    const { run } = request;
    if (request.type === 'subscribe') {
      current = new PipelineRun({ run, credit: request.credit, context });
      current.start(encodedItems(context.setup, context.exported, request));
    } else if (current?.run !== run) return;
    else if (request.type === 'taken') current.taken(request);
    else current.stop();
  };
});

function encodedItems(setup: WorkerSetup, exported: unknown, { data, place, from }: SplitStart): Observable<unknown> {
  const { name, exportName } = setup;
  return defer(() => {
    if (typeof exported !== 'function') {
      const message = `${name}: expected ${exportName} to be a function (data, { split }) that returns an Observable, found ${typeof exported}.`;
      throw new ConfigError(message, { path: 'exportName' });
    }
    return pipelineOf({ name, exportName, data }, exported, place);
  }).pipe(
    skip(from),
    map((item) => encodeAlignedItem(name, item)),
  );
}
