import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { of } from 'rxjs';
import { z } from 'zod';
import { ConfigError } from '../../src/base/errors.js';
import { formatPath } from '../../src/base/formatPath.js';
import { parseOptions, positiveInteger } from '../../src/base/parseOptions.js';
import { thrownBy } from '../formats/support/thrownBy.js';

const schema = z.strictObject({
  size: positiveInteger(),
  mode: z.enum(['slow', 'fast']).default('slow'),
  inner: z.strictObject({ list: z.array(z.number()) }).optional(),
});

function faultOf(value: unknown): ConfigError {
  try {
    parseOptions('what', schema, value);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('no ConfigError was thrown');
}

describe('parseOptions', () => {
  it('returns the parsed value, with its defaults', () => {
    expect(parseOptions('what', schema, { size: 3 })).toEqual({ size: 3, mode: 'slow' });
  });

  it.each([
    [{ size: '64' }, 'size', 'what: size: expected a positive integer, found "64"'],
    [{ size: 0 }, 'size', 'what: size: expected a positive integer, found 0'],
    [{}, 'size', 'what: size: expected a positive integer, found nothing'],
    [{ size: 1, mode: 'warp' }, 'mode', 'what: mode: expected one of "slow"|"fast", found "warp"'],
    [{ size: 1, inner: { list: [1, 'x'] } }, 'inner.list[1]', 'what: inner.list[1]: expected number, found "x"'],
    [{ size: 1, other: 2 }, '', 'what: unknown key "other": expected one of size, mode, inner'],
    [7, '', 'what: expected object, found 7'],
    [undefined, '', 'what: expected object, found nothing'],
  ])('names the place, the expectation and the found value for %j', (value, path, message) => {
    expect(faultOf(value)).toMatchObject({ path, message });
  });

  it('lists all faults, each in one line, also when Node.js prints the error', () => {
    const fault = faultOf({ size: -1, mode: 'warp' });
    expect(fault.message).toBe(
      'what:\n  size: expected a positive integer, found -1\n  mode: expected one of "slow"|"fast", found "warp"',
    );
    expect(inspect(fault)).not.toContain('ZodError');
  });

  it('lists the first 10 faults, and counts the others', () => {
    const fault = faultOf({ size: 1, inner: { list: Array.from({ length: 54 }, () => 'x') } });
    const lines = fault.message.split('\n');
    expect(lines).toHaveLength(12);
    expect(lines.slice(-2)).toEqual(['  inner.list[9]: expected number, found "x"', '  and 44 more']);
  });
});

describe('parseOptions of unions, limits and names', () => {
  const columns = z.strictObject({
    column: z.union([z.enum(['int64', 'float32']), z.strictObject({ dtype: z.enum(['int64', 'float32']) })]),
    bytes: positiveInteger()
      .max(2 ** 31 - 1)
      .optional(),
    values: z.array(z.number()).min(1).optional(),
    kind: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('slow') }),
        z.strictObject({ kind: z.literal('fast') }),
      ])
      .optional(),
  });
  const messageOf = (value: unknown): string => {
    try {
      parseOptions('what', columns, { column: 'int64', ...(value as object) });
    } catch (error) {
      return (error as ConfigError).message;
    }
    return '';
  };

  it.each([
    ['a text that no member takes', { column: 'a' }, 'column: expected one of "int64"|"float32", or object, found "a"'],
    [
      'a value of no member',
      { column: [1] },
      'column: expected one of "int64"|"float32", or object, found an array of length 1',
    ],
    [
      'a part of the only fitting member',
      { column: { dtype: 'x' } },
      'column.dtype: expected one of "int64"|"float32", found "x"',
    ],
    [
      'an unknown key of it',
      { column: { dtype: 'int64', dtyp: 1 } },
      'column: unknown key "dtyp": did you mean "dtype"?',
    ],
    [
      'a name in other case',
      { column: 'Int64' },
      'column: expected one of "int64"|"float32", or object, found "Int64": did you mean "int64"?',
    ],
    ['a limit', { bytes: 3 * 2 ** 30 }, 'bytes: expected at most 2147483647 (2^31 - 1), found 3221225472'],
    ['too few items', { values: [] }, 'values: expected an array of at least 1 element, found an empty array'],
    [
      'a kind that there is not',
      { kind: { kind: 'fest' } },
      'kind.kind: expected one of slow, fast, found "fest": did you mean "fast"?',
    ],
    ['a bigint', { bytes: 5n }, 'bytes: expected a positive integer, found 5n'],
    ['a symbol', { bytes: Symbol('x') }, 'bytes: expected a positive integer, found Symbol(x)'],
  ])('tells %s', (_, value, message) => {
    expect(messageOf(value)).toBe(`what: ${message}`);
  });

  it('describes a record of values as an object, and a bad key by the rule for names', () => {
    const channels = z.record(z.string().regex(/^\w+$/, 'expected letters and digits'), z.number());
    const messageOf = (value: unknown) => thrownBy(ConfigError, () => parseOptions('run', channels, value)).message;
    expect(messageOf([])).toContain('expected object, found');
    expect(messageOf({ 'a/b': 1 })).toContain('as a name, expected letters and digits');
  });

  it('recognises an operator that was passed to pipe() without a call', () => {
    const message = 'what: expected options, found an Observable: write pipe(what()), not pipe(what)';
    expect(() => parseOptions('what', columns, of(1))).toThrow(new ConfigError(message, { path: '' }));
    expect(messageOf({ bytes: of(1) })).toContain('found an Observable: write pipe(what(…)), not pipe(what)');
  });

  it('says where an unknown key belongs, if the caller knows it', () => {
    const parse = () =>
      parseOptions('what', schema, { size: 1, encoding: 'utf8' }, { remedyOfKey: (key) => `not ${key} here` });
    expect(parse).toThrow('what: unknown key "encoding": not encoding here');
  });
});

describe('formatPath', () => {
  it('writes a path in JavaScript syntax', () => {
    expect(formatPath(['stages', 3, 'size'])).toBe('stages[3].size');
    expect(formatPath([])).toBe('');
  });
});
