import { setProperty } from '../../base/setProperty.js';
import { ChannelError, ConfigError, FormatError, MillraceError, ShapeError, ValueError } from '../../base/errors.js';

/** Subclasses come before their base class. */
const CLASSES = [
  ...[ConfigError, ChannelError, FormatError, ShapeError, ValueError, MillraceError],
  ...[AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, Error],
] as const;

/** Fields that are not enumerable on JavaScript's errors. */
const HIDDEN = ['name', 'message', 'stack', 'cause', 'errors'];

export type EncodedError =
  | { readonly thrown: unknown }
  | {
      readonly className: string;
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      readonly fields: Readonly<Record<string, unknown>>;
      readonly errors: Readonly<Record<string, EncodedError>>;
    };

/**
 * Encodes the parts of an error that structured clone drops: the class, the fields, and the causes. Omits fields that
 * cannot be sent.
 *
 * @param outer - the errors that contain this error. They are omitted, because errors may refer to each other.
 */
export function encodeError(error: unknown, outer: readonly unknown[] = []): EncodedError {
  if (!(error instanceof Error)) return { thrown: (cloneOf(error) ?? { clone: String(error) }).clone };
  const fields: Record<string, unknown> = {};
  const errors: Record<string, EncodedError> = {};
  for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(error))) {
    if (key === 'message' || key === 'stack' || outer.includes(value)) continue;
    if (value instanceof Error) setProperty(errors, key, encodeError(value, [...outer, error]));
    else {
      const cloned = cloneOf(value);
      if (cloned) setProperty(fields, key, cloned.clone);
    }
  }
  const { name, message, stack } = error;
  const className = CLASSES.find((each) => error instanceof each)?.name ?? 'Error';
  return { className, name, message, stack, fields, errors };
}

export function decodeError(encoded: EncodedError): unknown {
  if ('thrown' in encoded) return encoded.thrown;
  const { className, name, message, stack, fields, errors } = encoded;
  const error = new Error(message);
  Object.setPrototypeOf(error, CLASSES.find((each) => each.name === className)?.prototype ?? Error.prototype);
  const define = (key: string, value: unknown): void => {
    // On the classes of this package, `name` is an enumerable field.
    const enumerable = !HIDDEN.includes(key) || (key === 'name' && error instanceof MillraceError);
    Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
  };
  if (error.name !== name) define('name', name);
  define('stack', stack);
  for (const [key, value] of Object.entries(fields)) define(key, value);
  for (const [key, value] of Object.entries(errors)) define(key, decodeError(value));
  return error;
}

function cloneOf(value: unknown): { readonly clone: unknown } | undefined {
  try {
    return { clone: structuredClone(value) };
  } catch {
    return undefined;
  }
}
