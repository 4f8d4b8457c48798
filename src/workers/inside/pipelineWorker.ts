import { isObservable, type Observable } from 'rxjs';
import { ConfigError } from '../../base/errors.js';
import { showValue } from '../../base/showValue.js';
import type { PipelineMessage, WorkerPlace, WorkerSetup } from '../crossing/protocol.js';
import { EpochRuns } from './epochRuns.js';
import { runWorker } from './runWorker.js';

const AWAIT_IN_MODULE = ' Remove async, and use await at the top level of the module, or defer() in the pipeline.';

type Pipeline = (data: unknown, place: WorkerPlace) => unknown;

/** Makes the pipeline once, and subscribes to it for each run. */
await runWorker<PipelineMessage>((context) => {
  const { count, index } = context.setup.place ?? { count: 1, index: 0 };
  let isIndexRead = count === 1;
  const place: WorkerPlace = {
    count,
    get index() {
      isIndexRead = true;
      return index;
    },
  };
  const pipeline = pipelineOf(context.setup, context.exported, place);
  const reportItem: typeof context.reportItem = (item, makeReport) => {
    if (!isIndexRead) throw ignoresPlace(context.setup, count);
    context.reportItem(item, makeReport);
  };
  return new EpochRuns(pipeline, { ...context, reportItem }).handle;
});

function pipelineOf(
  { name, exportName, data }: WorkerSetup,
  exported: unknown,
  place: WorkerPlace,
): Observable<unknown> {
  const made: unknown = typeof exported === 'function' ? (exported as Pipeline)(data, place) : exported;
  if (isObservable(made)) return made;
  const found = typeof exported === 'function' ? `a function that returns ${showValue(made)}` : showValue(exported);
  const expected = `expected ${exportName} to be an Observable, or a function that returns one`;
  const message = `${name}: ${expected}, found ${found}.${made instanceof Promise ? AWAIT_IN_MODULE : ''}`;
  throw new ConfigError(message, { path: 'exportName' });
}

function ignoresPlace({ name, exportName }: WorkerSetup, count: number): ConfigError {
  const message =
    `${name}: ${exportName} does not read its index among the ${count} workers, so each worker would emit the same items. ` +
    `Export a function (data, { count, index }), and let it read only its part, for example with shard({ count, index }).`;
  return new ConfigError(message, { path: 'workers' });
}
