import { z } from 'zod';
import { ConfigError } from '../../src/base/errors.js';
import { findUnsafe } from '../../src/base/findUnsafe.js';
import { parseOptions } from '../../src/base/parseOptions.js';
import { createExampleParser } from '../../src/formats/example/exampleParser.js';
import { createRecordProtobufParser } from '../../src/formats/recordProtobuf/recordProtobufParser.js';
import { thrownBy } from '../formats/support/thrownBy.js';

/** Returns nested arrays or objects. */
const nested = (depth: number, open: string, close: string): unknown =>
  JSON.parse(open.repeat(depth) + '1' + close.repeat(depth));

describe('findUnsafe', () => {
  it.each([
    1,
    'text',
    null,
    undefined,
    [],
    {},
    { a: [{ b: 1 }] },
    new Map([['__proto__', 1]]),
    Object.create({ a: 1 }),
  ])('finds nothing in %p', (value) => {
    expect(findUnsafe(value, false)).toBeUndefined();
  });

  it('finds a property named __proto__ at any depth, except in a map', () => {
    const value: unknown = JSON.parse('{"a":[0,{"__proto__":{"b":1}}]}');
    expect(findUnsafe(value, false)).toMatchObject({ path: ['a', 1, '__proto__'] });
    expect(findUnsafe(value, true)).toBeUndefined();
  });

  it.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('finds %s that are nested too deep, at any depth, and those that hold themselves', (_, open, close) => {
    expect(findUnsafe(nested(64, open, close), false)).toBeUndefined();
    for (const depth of [65, 1000, 1_000_000]) {
      expect(findUnsafe(nested(depth, open, close), true)).toMatchObject({ message: /64 levels/ });
    }
    const ring: unknown[] = [];
    ring.push([ring]);
    expect(findUnsafe(ring, false)).toBeDefined();
  });
});

describe('parseOptions', () => {
  it('throws a ConfigError with the path of the fault', () => {
    const parse = (text: string) => () => parseOptions('what', z.record(z.string(), z.unknown()), JSON.parse(text));
    const { path, message } = thrownBy(ConfigError, parse('{"a":{"__proto__":1}}'));
    expect(path).toBe('a.__proto__');
    expect(message).toBe('what: a.__proto__: expected a different name: this name is reserved in JavaScript');
    expect(thrownBy(ConfigError, parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).path).toBe('a[0][0]');
  });

  it('shows the beginning of a text that is too long to show', () => {
    const parse = () => parseOptions('what', z.number(), 'x'.repeat(1_000_000));
    expect(thrownBy(ConfigError, parse).message.length).toBeLessThan(300);
  });
});

describe('reserved names of JavaScript', () => {
  const kinds = JSON.parse('{"constructor":{"dtype":"bytes"},"__proto__":{"dtype":"bytes"}}') as Record<string, never>;

  it('are rejected if they would be dropped', () => {
    const create = () => createRecordProtobufParser({ features: kinds });
    expect(thrownBy(ConfigError, create).path).toBe('features.__proto__');
  });

  it('are allowed as names of features', () => {
    const features = JSON.parse('{"__proto__":{"kind":"varLen","dtype":"int64"}}') as Record<string, never>;
    const parsed = createExampleParser(features).parseSingle(new Uint8Array(0));
    expect(Object.keys(parsed)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  });
});
