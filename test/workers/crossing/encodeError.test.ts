import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  ChannelError,
  ConfigError,
  FormatError,
  MillraceError,
  ShapeError,
  ValueError,
} from '../../../src/base/errors.js';
import { parseOptions } from '../../../src/base/parseOptions.js';
import { decodeError, encodeError } from '../../../src/workers/crossing/encodeError.js';

/** Returns an error as another thread receives it. */
const sent = (error: unknown): unknown => decodeError(structuredClone(encodeError(error)));

const CASES: readonly Error[] = [
  new MillraceError('some', { code: 'ERR_OVERRUN' }),
  new ConfigError('config', { path: 'stages[3].size', cause: new SyntaxError('no JSON') }),
  new ChannelError('channel', { code: 'ERR_CHANNEL_IO', path: '/fifo', errno: 'EIO', channels: ['a', 'b'] }),
  new FormatError('bytes', { kind: 'checksum', format: 'TFRecord', byteOffset: 12, recordIndex: 3, cause: 'text' }),
  new ShapeError('shape', { path: 'x', expected: [1, 2], found: [3] }),
  new ValueError('value', { path: 'y', cause: new TypeError('t', { cause: new RangeError('r') }) }),
  new TypeError('type'),
  new RangeError('range'),
  Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', errno: -2, syscall: 'open' }),
  Object.defineProperty(new Error('proto'), '__proto__', { value: 'text', enumerable: true }),
];

/** Describes an error and its causes. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  return {
    prototype: Object.getPrototypeOf(error) as unknown,
    fields: Object.fromEntries(Object.entries(error)),
    name,
    message,
    stack,
    cause: describeError(cause),
  };
}

describe('encodeError', () => {
  it.each(CASES)('sends %s with its class, fields and causes', (error) => {
    expect(describeError(sent(error))).toEqual(describeError(error));
  });

  it('sends thrown values that are not errors', () => {
    for (const thrown of ['text', 7, null, undefined, { code: 1 }]) expect(sent(thrown)).toEqual(thrown);
    expect(sent(() => 1)).toEqual(expect.stringContaining('=>'));
  });

  it('restores an unknown class as an Error with the same name', () => {
    class StrangeError extends Error {
      override readonly name = 'StrangeError';
      readonly fn = (): number => 1;
      readonly kept = [1n];
    }
    const error = sent(new StrangeError('strange')) as StrangeError;
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.message, error.kept, 'fn' in error]).toEqual(['StrangeError', 'strange', [1n], false]);
  });

  it('keeps the path and message of bad options', () => {
    const faulty = (): unknown => parseOptions('some', z.strictObject({ size: z.int() }), { size: 'x' });
    let thrown: unknown;
    try {
      faulty();
    } catch (error) {
      thrown = error;
    }
    const error = sent(thrown) as ConfigError;
    expect(error).toBeInstanceOf(ConfigError);
    expect([error.path, error.message]).toEqual(['size', (thrown as Error).message]);
  });

  it('handles errors that are causes of each other', () => {
    const outer = new Error('outer');
    const inner = new Error('inner', { cause: outer });
    outer.cause = inner;
    const error = sent(outer) as Error;
    expect((error.cause as Error).message).toBe('inner');
    expect((error.cause as Error).cause).toBeUndefined();
  });
});
