import { z } from 'zod';
import { describeIssue, keepKnownKeys, type KeyRemedy } from './describeIssue.js';
import { ConfigError } from './errors.js';
import { findUnsafe, type UnsafePart } from './findUnsafe.js';
import { isObservable, showValue } from './showValue.js';

/** A count of one or more, as options have it: items, bytes, epochs. */
export const positiveInteger = z
  .int({ error: 'expected a positive integer' })
  .positive({ error: 'expected a positive integer' });

/** The schema of an option that is a function. */
export function callback<F>(expected = 'expected a function') {
  return z.custom<F>((value) => typeof value === 'function', expected);
}

/** Joins a zod path the way JavaScript would write it: `stages[3].size`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/**
 * Checks that options are an object, before they are spread: `{ size, ...7 }` has no trace of the 7.
 *
 * @param example - options as a user would write them.
 * @throws ConfigError for anything else.
 */
export function requireOptions(what: string, options: unknown, example: string): void {
  if (isReadable(options) && !Array.isArray(options) && !isObservable(options)) return;
  throw new ConfigError(`${what}: expected options such as ${example}, found ${showValue(options)}`, {
    path: 'options',
  });
}

/** Whether a value is an object that can be spread. The trap of a proxy may throw. */
export function isReadable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    Object.assign({}, value);
    return true;
  } catch {
    return false;
  }
}

/** How {@link parseOptions} checks. */
export interface ParseOptions {
  /** Whether a property may be named `__proto__`: only where the schema makes a map of it. Default: false. */
  readonly areAllNamesMeant?: boolean;
  /** The call as a user would write it, for a value in place of the options: `mapAsync(f, { concurrency: 4 })`. */
  readonly form?: string;
  /** Returns where an unknown key belongs. */
  readonly remedyOfKey?: KeyRemedy;
}

/**
 * Checks a value against its schema and returns the parsed one.
 *
 * @param what - what is being checked, as the message names it: an operator, a file.
 * @throws ConfigError with the path of the first fault; the message says of each fault where it is, what was expected
 *   and what was found.
 */
export function parseOptions<S extends z.ZodType>(
  what: string,
  schema: S,
  value: unknown,
  { areAllNamesMeant = false, form, remedyOfKey }: ParseOptions = {},
): z.output<S> {
  if (schema instanceof z.ZodObject && isObservable(value)) {
    throw new ConfigError(
      `${what}: found an Observable in place of options: write pipe(${what}()), not pipe(${what})`,
      {
        path: '',
      },
    );
  }
  const unsafe = unsafePartOf(value, areAllNamesMeant);
  if (unsafe) {
    const path = formatPath(unsafe.path);
    throw new ConfigError(`${what}: ${path === '' ? '' : `${path}: `}${unsafe.message}`, { path });
  }
  const result = schema.safeParse(value, { reportInput: true, error: keepKnownKeys });
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => describeIssue(issue, { what, remedyOfKey }));
  const isNoObject = result.error.issues[0]?.code === 'invalid_type' && result.error.issues[0].path.length === 0;
  const remedy = form !== undefined && isNoObject ? `: write ${form}` : '';
  const lines = faults.map(({ path, message }) => (path.length === 0 ? message : `${formatPath(path)}: ${message}`));
  const message = lines.length === 1 ? `${what}: ${lines.join()}${remedy}` : `${what}:\n  ${lines.join('\n  ')}`;
  throw new ConfigError(message, { path: formatPath(faults[0]?.path ?? []), cause: result.error });
}

function unsafePartOf(value: unknown, areAllNamesMeant: boolean): UnsafePart | undefined {
  try {
    return findUnsafe(value, areAllNamesMeant);
  } catch (error) {
    return {
      path: [],
      message: `expected an object that can be read, but reading it throws ${showValue(String(error))}`,
    };
  }
}
