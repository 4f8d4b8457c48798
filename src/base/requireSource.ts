import { ConfigError } from './errors.js';
import { isSpreadable } from './parseOptions.js';
import { isObservable, showValue } from './showValue.js';

export function requireSource(caller: string, source: unknown, path = ''): void {
  if (isObservable(source)) return;
  const remedy = isIterable(source) ? ': wrap the value in fromIterable() or fromAsyncIterable()' : '';
  const place = path === '' ? '' : `${path}: `;
  throw new ConfigError(`${caller}: ${place}expected an Observable, found ${showValue(source)}${remedy}`, { path });
}

export function requireSources(caller: string, sources: unknown, { byName = false } = {}): void {
  const expected = byName ? 'an object or an array of Observables' : 'an array of Observables';
  const isRightForm = isSpreadable(sources) && (byName || Array.isArray(sources));
  if (!isRightForm || isObservable(sources)) {
    throw new ConfigError(`${caller}: sources: expected ${expected}, found ${showValue(sources)}`, { path: 'sources' });
  }
  for (const [name, source] of Object.entries(sources as object)) {
    requireSource(caller, source, Array.isArray(sources) ? `sources[${name}]` : `sources.${name}`);
  }
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}
