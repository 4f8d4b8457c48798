import { ChannelError, ConfigError, FormatError, MillraceError, ShapeError, ValueError } from '../../base/errors.js';

/** The classes that an error is an instance of again on the other side; the most special ones first. */
const CLASSES = [
  ...[ConfigError, ChannelError, FormatError, ShapeError, ValueError, MillraceError],
  ...[AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, Error],
] as const;

/** What JavaScript itself makes no enumerable property of an error. */
const HIDDEN = ['name', 'message', 'stack', 'cause', 'errors'];

/** What can be sent of something that was thrown. */
export type EncodedError =
  | { readonly thrown: unknown }
  | {
      readonly className: string;
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      /** Its own properties, such as `code` and `byteOffset`. */
      readonly fields: Readonly<Record<string, unknown>>;
      /** Its own properties that are errors again, such as `cause`. */
      readonly errors: Readonly<Record<string, EncodedError>>;
    };

/**
 * What structured clone drops of an error, it keeps: the class, the fields, and those of its causes. A field that
 * cannot be sent, such as a function, is left out.
 *
 * @param outer - the errors that this one is a cause of, so that a circle ends.
 */
export function encodeError(error: unknown, outer: readonly unknown[] = []): EncodedError {
  if (!(error instanceof Error)) return { thrown: (cloneOf(error) ?? { clone: String(error) }).clone };
  const fields: Record<string, unknown> = {};
  const errors: Record<string, EncodedError> = {};
  for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(error))) {
    if (key === 'message' || key === 'stack' || outer.includes(value)) continue;
    if (value instanceof Error) errors[key] = encodeError(value, [...outer, error]);
    else {
      const cloned = cloneOf(value);
      if (cloned) fields[key] = cloned.clone;
    }
  }
  const { name, message, stack } = error;
  const className = CLASSES.find((each) => error instanceof each)?.name ?? 'Error';
  return { className, name, message, stack, fields, errors };
}

/** The error that {@link encodeError} was given, as an instance of the same class on this thread. */
export function decodeError(encoded: EncodedError): unknown {
  if ('thrown' in encoded) return encoded.thrown;
  const { className, name, message, stack, fields, errors } = encoded;
  const error = new Error(message);
  Object.setPrototypeOf(error, CLASSES.find((each) => each.name === className)?.prototype ?? Error.prototype);
  const define = (key: string, value: unknown): void => {
    // The classes of this package have their name as a field.
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
