import { Interface } from 'node:readline';
import { Readable } from 'node:stream';
import { ConfigError } from '../base/errors.js';
import { showValue } from '../base/showValue.js';

type AnyIterable = Iterable<unknown> | AsyncIterable<unknown>;

async function* nothing(): AsyncGenerator<never> {
  // Only the prototype is needed.
}

// Generator objects and the iterators of arrays, maps and sets inherit this method.
const RETURNS_ITSELF = [].values()[Symbol.iterator];
const RETURNS_ITSELF_ASYNC = nothing()[Symbol.asyncIterator];

const started = new WeakSet<AnyIterable>();

/**
 * Call this before reading.
 *
 * @throws ConfigError if the iterable is a generator object or a stream, and was read before.
 */
export function readOnce(reader: string, iterable: AnyIterable): void {
  const found = nameIfReadOnce(iterable);
  if (found === undefined) return;
  if (started.has(iterable)) throw readBefore(reader, found);
  started.add(iterable);
}

export function requireIterable(
  reader: string,
  iterable: unknown,
  method: typeof Symbol.iterator | typeof Symbol.asyncIterator,
): void {
  const has = (wanted: symbol): boolean =>
    typeof (iterable as Readonly<Record<symbol, unknown>> | null | undefined)?.[wanted] === 'function';
  if (has(method)) return;
  const expected = method === Symbol.iterator ? 'an iterable' : 'an async iterable';
  const name = method === Symbol.iterator ? 'Symbol.iterator' : 'Symbol.asyncIterator';
  let remedy = '';
  if (typeof iterable === 'function') remedy = `: pass { [${name}]: f } to call the function f for each subscription`;
  else if (has(Symbol.asyncIterator)) remedy = ', an async iterable: use fromAsyncIterable';
  throw new ConfigError(`${reader}: expected ${expected}, found ${showValue(iterable)}${remedy}`, { path: 'iterable' });
}

function nameIfReadOnce(iterable: AnyIterable): string | undefined {
  if (typeof iterable !== 'object') return undefined;
  const { [Symbol.iterator]: iterate, [Symbol.asyncIterator]: iterateAsync } = iterable as Partial<
    Iterable<unknown> & AsyncIterable<unknown>
  >;
  if (iterate === RETURNS_ITSELF) return 'an iterator or generator object';
  if (iterateAsync === RETURNS_ITSELF_ASYNC) return 'an async generator object';
  const isStream = iterable instanceof Readable || iterable instanceof Interface || 'getReader' in iterable;
  return isStream ? 'a stream' : undefined;
}

function readBefore(reader: string, found: string): ConfigError {
  return new ConfigError(
    `${reader}: ${found} can be read only once, and an earlier subscription (an epoch, repeat or retry) has read it. ` +
      `Create a new object for each subscription: defer(() => ${reader}(…)).`,
    { path: 'iterable' },
  );
}
