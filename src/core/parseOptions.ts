import { inspect } from 'node:util';
import { z } from 'zod';
import { ConfigError } from './errors.js';
import { findUnsafe } from './findUnsafe.js';

/** A count of one or more, as options have it: items, bytes, epochs. */
export const positiveInteger = z
  .int({ error: 'expected a positive integer' })
  .positive({ error: 'expected a positive integer' });

/** Joins a zod path the way JavaScript would write it: `stages[3].size`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/** How {@link parseOptions} checks. */
export interface ParseOptions {
  /** Whether a property may be named `__proto__`: only where the schema makes a map of it. Default: false. */
  readonly areAllNamesMeant?: boolean;
}

/**
 * Checks a value against its schema and gives the parsed one.
 *
 * @param what - what is being checked, as the message names it: an operator, a file.
 * @throws ConfigError with the path of the first fault; the message says of each fault where it is, what was expected
 *   and what was found.
 */
export function parseOptions<S extends z.ZodType>(
  what: string,
  schema: S,
  value: unknown,
  { areAllNamesMeant = false }: ParseOptions = {},
): z.output<S> {
  const unsafe = findUnsafe(value, areAllNamesMeant);
  if (unsafe) {
    const path = formatPath(unsafe.path);
    throw new ConfigError(`${what}: ${path}: ${unsafe.message}`, { path });
  }
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const { issues } = result.error;
  const faults = issues.map(describeIssue);
  const message = faults.length === 1 ? `${what}: ${faults.join()}` : `${what}:\n  ${faults.join('\n  ')}`;
  throw new ConfigError(message, { path: formatPath(issues[0]?.path ?? []), cause: result.error });
}

/** One fault, such as `stages[3].size: expected a positive integer, found "64"`. */
function describeIssue(issue: z.core.$ZodIssue): string {
  const path = formatPath(issue.path);
  // zod's own wording names the type that it received; what is said here is the value.
  const message = issue.message.replace(/^Invalid \w+( value)?[:.] /, '').replace(/, received \w+$/, '');
  const { input } = issue;
  const found = typeof input === 'object' || typeof input === 'function' ? '' : `, found ${show(input)}`;
  const isTold = message.includes('found') || (issue.code === 'invalid_type' && input === undefined && path === '');
  return `${path === '' ? '' : `${path}: `}${message}${isTold ? '' : found}`;
}

/** As much as a message shows of what was found: a text may have any length. */
const SHOWN_CHARACTERS = 200;

function show(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (typeof input !== 'string') return inspect(input);
  return JSON.stringify(input.length > SHOWN_CHARACTERS ? `${input.slice(0, SHOWN_CHARACTERS)}…` : input);
}
