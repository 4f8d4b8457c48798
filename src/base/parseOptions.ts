import { z } from 'zod';
import { lazy } from './lazy.js';
import { describeIssue, keepKnownKeys, type KeyRemedy } from './describeIssue.js';
import { ConfigError } from './errors.js';
import { findUnsafe, type UnsafePart } from './findUnsafe.js';
import { formatPath } from './formatPath.js';
import { placeOfKey } from './placeOfKey.js';
import { isObservable, showValue } from './showValue.js';

export const positiveInteger = lazy(() =>
  z.int({ error: 'expected a positive integer' }).positive({ error: 'expected a positive integer' }),
);

export function callback<F>(expected = 'expected a function') {
  return z.custom<F>((value) => typeof value === 'function', expected);
}

/** Throws a ConfigError if `options` is no object. Call this before a spread, because `{ size, ...7 }` hides the 7. */
export function requireOptions(subject: string, options: unknown, example: string): void {
  if (isSpreadable(options) && !Array.isArray(options) && !isObservable(options)) return;
  throw new ConfigError(`${subject}: expected options such as ${example}, found ${showValue(options)}`, {
    path: 'options',
  });
}

/** True if the value can be spread. The spread of a proxy may throw. */
export function isSpreadable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    Object.assign({}, value);
    return true;
  } catch {
    return false;
  }
}

const MAX_LINES = 10;

export interface ParseOptions {
  readonly isMap?: boolean;
  /** A correct call for the message: `mapAsync(f, { concurrency: 4 })`. */
  readonly form?: string;
  readonly remedyOfKey?: KeyRemedy;
}

/**
 * Validates a value, and returns the output of the schema.
 *
 * @param subject - the operator or file, for the message.
 * @throws ConfigError whose message lists up to 10 issues. Its `path` is the path of the first issue.
 */
export function parseOptions<S extends z.ZodType>(
  subject: string,
  schema: S,
  value: unknown,
  { isMap = false, form, remedyOfKey }: ParseOptions = {},
): z.output<S> {
  if (schema instanceof z.ZodObject && isObservable(value)) {
    throw new ConfigError(
      `${subject}: expected options, found an Observable: write pipe(${subject}()), not pipe(${subject})`,
      {
        path: '',
      },
    );
  }
  const unsafe = unsafePartOf(value, isMap);
  if (unsafe) {
    const path = formatPath(unsafe.path);
    throw new ConfigError(`${subject}: ${path === '' ? '' : `${path}: `}${unsafe.message}`, { path });
  }
  // Zod would compile each schema of an object at its first use, in 0.5 ms. Most schemas are used once.
  const result = schema.safeParse(value, { reportInput: true, jitless: true, error: keepKnownKeys });
  if (result.success) return result.data;
  const describing = {
    subject,
    remedyOfKey,
    placeOfKey: (key: string, place: readonly PropertyKey[]) => placeOfKey(schema, key, place),
  };
  const issues = result.error.issues.flatMap((issue) => describeIssue(issue, describing));
  const isNoObject = result.error.issues[0]?.code === 'invalid_type' && result.error.issues[0].path.length === 0;
  const remedy = form !== undefined && isNoObject ? `: write ${form}` : '';
  const lines = issues.map(({ path, message }) => (path.length === 0 ? message : `${formatPath(path)}: ${message}`));
  const more = lines.splice(MAX_LINES).length;
  if (more > 0) lines.push(`and ${more} more`);
  const message = lines.length === 1 ? `${subject}: ${lines.join()}${remedy}` : `${subject}:\n  ${lines.join('\n  ')}`;
  // Zod's error is not the cause, because Node.js would print about 10 lines for each issue.
  throw new ConfigError(message, { path: formatPath(issues[0]?.path ?? []) });
}

function unsafePartOf(value: unknown, isMap: boolean): UnsafePart | undefined {
  try {
    return findUnsafe(value, isMap);
  } catch (error) {
    return {
      path: [],
      message: `expected an object that can be read, but reading it throws ${showValue(String(error))}`,
    };
  }
}
