import type { z } from 'zod';
import { nearestName } from './nearestName.js';
import { isObservable, quote, showValue } from './showValue.js';

export interface IssueLine {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Returns a clause that says where an unknown key belongs. `path` is the path of the object with the key. */
export type KeyRemedy = (key: string, value: unknown, path: readonly PropertyKey[]) => string | undefined;

export interface DescribeOptions {
  readonly subject: string;
  readonly remedyOfKey?: KeyRemedy | undefined;
  /** Called only if no known key has a similar name. */
  readonly placeOfKey?: ((key: string, path: readonly PropertyKey[]) => string | undefined) | undefined;
}

const LISTED_KEYS = 30;

const KNOWN_KEYS = 'unknown key: expected one of ';

/** An `error` option for zod. Lists the known keys, because zod's finished issue does not contain the schema. */
export function keepKnownKeys({ code, inst }: z.core.$ZodRawIssue): string | undefined {
  if (code !== 'unrecognized_keys') return undefined;
  const { shape } = (inst as z.core.$ZodObject | undefined)?._zod.def ?? {};
  return `${KNOWN_KEYS}${Object.keys(shape ?? {}).join(', ')}`;
}

/** Returns one line for each problem. For a union, describes the member that the user probably meant. */
export function describeIssue(issue: z.core.$ZodIssue, options: DescribeOptions): IssueLine[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys' && issue.message.startsWith(KNOWN_KEYS)) {
    return issue.keys.map((key) => ({ path, message: unknownKey(key, issue, options) }));
  }
  if (issue.code === 'unrecognized_keys' && !issue.message.includes('did you mean')) {
    const places = issue.keys.map((key) => [key, options.placeOfKey?.(key, path)] as const);
    const clauses = places.flatMap(([key, place]) => (place === undefined ? [] : [`${key} ${place}`]));
    return [{ path, message: [issue.message, ...clauses].join('; ') }];
  }
  if (issue.code === 'invalid_union') {
    const fitting = fittingMember(issue);
    if (fitting)
      return fitting.flatMap((inner) => describeIssue({ ...inner, path: [...path, ...inner.path] }, options));
  }
  return [{ path, message: expectationOf(issue) + foundBy(issue, options) }];
}

/** Returns the issues of the union member that rejects only parts of the value. */
function fittingMember({ errors }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined {
  const fitting = errors.filter((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  return fitting.sort((left, right) => left.length - right.length)[0];
}

function unknownKey(
  key: string,
  { message, input, path }: z.core.$ZodIssueUnrecognizedKeys,
  { remedyOfKey, placeOfKey }: DescribeOptions,
): string {
  const known = message
    .slice(KNOWN_KEYS.length)
    .split(', ')
    .filter((name) => name !== '');
  const near = nearestName(key, known);
  const place = near === undefined ? placeOfKey?.(key, path) : undefined;
  const remedy =
    remedyOfKey?.(key, input?.[key], path) ??
    (near === undefined ? undefined : `did you mean ${quote(near)}?`) ??
    (place === undefined ? undefined : `this key ${place}`) ??
    (known.length > 0 && known.length <= LISTED_KEYS ? `expected one of ${known.join(', ')}` : undefined);
  return `unknown key ${quote(key)}${remedy === undefined ? '' : `: ${remedy}`}`;
}

function expectationOf(issue: z.core.$ZodIssue): string {
  const { message } = issue;
  switch (issue.code) {
    case 'too_big':
      return `expected ${amount(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}`;
    case 'too_small':
      if (!message.startsWith('Too small')) return message;
      return `expected ${amount(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}`;
    case 'invalid_union': {
      const options = optionsOf(issue);
      if (options.length > 0 && message.startsWith('Invalid discriminator'))
        return `expected one of ${options.join(', ')}`;
      if (message !== 'Invalid input') return message;
      const expected = issue.errors.flatMap(([first]) =>
        first ? [expectationOf(first).replace(/^expected /, '')] : [],
      );
      return `expected ${[...new Set(expected)].join(', or ')}`;
    }
    case 'invalid_key': {
      const [fault] = issue.issues;
      return fault && message.startsWith('Invalid key') ? `as a name, ${expectationOf(fault)}` : message;
    }
    default:
      return message
        .replace(/^Invalid \w+( value)?[:.] /, '')
        .replace(/, received \w+$/, '')
        .replace(/^expected record$/, 'expected object')
        .replace(/^expected int$/, 'expected an integer');
  }
}

function amount(origin: string, limit: string, count: number | bigint): string {
  const power = Math.log2(Number(count) + 1);
  const text = Number.isInteger(power) && power > 16 ? `${count} (2^${power} - 1)` : String(count);
  switch (origin) {
    case 'array':
      return `an array of ${limit} ${text} ${Number(count) === 1 ? 'element' : 'elements'}`;
    case 'string':
      return limit === 'at least' && count === 1 ? 'text that is not empty' : `text of ${limit} ${text} characters`;
    default:
      return `${limit} ${text}`;
  }
}

function foundBy(issue: z.core.$ZodIssue, { subject }: DescribeOptions): string {
  const input = issue.code === 'invalid_union' && issue.discriminator ? memberOf(issue) : issue.input;
  if (issue.message.includes('found')) return '';
  if (isObservable(input)) return `, found an Observable: write pipe(${subject}(…)), not pipe(${subject})`;
  // The message of a custom rule about a whole object is clearer than "an object".
  const isOfParts = issue.code === 'custom' || issue.code === 'unrecognized_keys';
  if (isOfParts && (typeof input === 'object' || typeof input === 'function')) return '';
  const form = formOfMember(issue);
  if (form !== undefined) return `, found none: write ${form}`;
  const near = typeof input === 'string' ? nearestName(input, namesOf(issue)) : undefined;
  return `, found ${showValue(input)}${near === undefined ? '' : `: did you mean ${quote(near)}?`}`;
}

function memberOf({ input, discriminator = '' }: z.core.$ZodIssueInvalidUnion): unknown {
  return (input as Record<string, unknown> | undefined)?.[discriminator];
}

/** Returns the correct form for `{ "batch": 64 }`, in which the name of a union's member is a key. */
function formOfMember(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code !== 'invalid_union' || !issue.discriminator || memberOf(issue) !== undefined) return undefined;
  const options = optionsOf(issue);
  const name = Object.keys(issue.input ?? {}).find((key) => options.includes(key));
  return name === undefined ? undefined : `{ "${issue.discriminator}": "${name}", … }`;
}

function namesOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union') return [];
  return [...optionsOf(issue), ...issue.errors.flat().flatMap(namesOf)];
}

function optionsOf(issue: z.core.$ZodIssueInvalidUnion): string[] {
  // If the discriminator has a default, one option is `undefined`.
  const options = 'options' in issue ? (issue.options ?? []) : [];
  return options.filter((option) => option !== undefined).map(String);
}
