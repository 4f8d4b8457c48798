import { ConfigError } from '../../base/errors.js';
import { encodeError } from '../crossing/encodeError.js';
import type { MapMessage, MapRequest } from '../crossing/protocol.js';
import { runWorker } from './runWorker.js';

type MapFunction = (item: unknown, index: number, data: unknown) => unknown;

await runWorker<MapMessage>(({ setup, exported, report, reportItem }) => {
  const { name, exportName, data } = setup;
  if (typeof exported !== 'function') {
    const message = `${name}: expected ${exportName} to be a function, found ${typeof exported}.`;
    throw new ConfigError(message, { path: 'exportName' });
  }
  const map = exported as MapFunction;
  const answer = async ({ task, item, index }: MapRequest): Promise<void> => {
    try {
      const result: unknown = await map(item, index, data);
      reportItem(result, (value) => ({ type: 'mapped', task, value }));
    } catch (error) {
      report({ type: 'failed', task, error: encodeError(error) });
    }
  };
  return (request: MapRequest) => void answer(request);
});
