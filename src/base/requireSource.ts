import { ConfigError } from './errors.js';
import { isReadable } from './parseOptions.js';
import { isObservable, showValue } from './showValue.js';

/**
 * Checks that an argument is an Observable.
 *
 * @param what - the function that was called.
 * @param path - the argument's place, such as `sources[1]`.
 * @throws ConfigError if it is anything else.
 */
export function requireSource(what: string, source: unknown, path = ''): void {
  if (isObservable(source)) return;
  const remedy = isIterable(source) ? ': wrap it in fromIterable() or fromAsyncIterable()' : '';
  const place = path === '' ? '' : `${path}: `;
  throw new ConfigError(`${what}: ${place}expected an Observable, found ${showValue(source)}${remedy}`, { path });
}

/**
 * Checks the sources that are combined.
 *
 * @throws ConfigError if they are not an array of Observables, or an object of them where that is allowed.
 */
export function requireSources(what: string, sources: unknown, { byName = false } = {}): void {
  const expected = byName ? 'an object or an array of Observables' : 'an array of Observables';
  const isRightForm = isReadable(sources) && (byName || Array.isArray(sources));
  if (!isRightForm || isObservable(sources)) {
    throw new ConfigError(`${what}: sources: expected ${expected}, found ${showValue(sources)}`, { path: 'sources' });
  }
  for (const [name, source] of Object.entries(sources as object)) {
    requireSource(what, source, Array.isArray(sources) ? `sources[${name}]` : `sources.${name}`);
  }
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}
