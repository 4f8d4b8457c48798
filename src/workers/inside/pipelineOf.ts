import { isObservable, type Observable } from 'rxjs';
import { ConfigError } from '../../base/errors.js';
import { showValue } from '../../base/showValue.js';
import type { WorkerSetup } from '../crossing/protocol.js';

const AWAIT_IN_MODULE = ' Remove async, and use await at the top level of the module, or defer() in the pipeline.';

type Pipeline = (data: unknown, place: unknown) => unknown;

/** @throws ConfigError if the export is neither an Observable nor a function that returns one. */
export function pipelineOf(
  { name, exportName, data }: Pick<WorkerSetup, 'name' | 'exportName' | 'data'>,
  exported: unknown,
  place: unknown,
): Observable<unknown> {
  const made: unknown = typeof exported === 'function' ? (exported as Pipeline)(data, place) : exported;
  if (isObservable(made)) return made;
  const found = typeof exported === 'function' ? `a function that returns ${showValue(made)}` : showValue(exported);
  const expected = `expected ${exportName} to be an Observable, or a function that returns one`;
  const message = `${name}: ${expected}, found ${found}.${made instanceof Promise ? AWAIT_IN_MODULE : ''}`;
  throw new ConfigError(message, { path: 'exportName' });
}
