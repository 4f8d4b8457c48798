import { ConfigError } from '../../base/errors.js';
import type { PipelineMessage, WorkerPlace, WorkerSetup } from '../crossing/protocol.js';
import { EpochRuns } from './epochRuns.js';
import { pipelineOf } from './pipelineOf.js';
import { runWorker } from './runWorker.js';

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

function ignoresPlace({ name, exportName }: WorkerSetup, count: number): ConfigError {
  const message =
    `${name}: ${exportName} does not use the index of its worker, so each of the ${count} workers would emit the same items. ` +
    `Export a function (data, { count, index }) that reads only the part of its worker, for example with shard({ count, index }).`;
  return new ConfigError(message, { path: 'workers' });
}
