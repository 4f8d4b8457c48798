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
    `${name}: ${exportName} does not read its index among the ${count} workers, so each worker would emit the same items. ` +
    `Export a function (data, { count, index }), and let it read only its part, for example with shard({ count, index }).`;
  return new ConfigError(message, { path: 'workers' });
}
