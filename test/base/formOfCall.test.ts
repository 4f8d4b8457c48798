import { describe, expect, it } from '@jest/globals';
import * as operators from '../../operators/index.js';
import * as formats from '../../src/formats/index.js';
import { ConfigError } from '../../src/base/errors.js';

type AnyCall = (...args: unknown[]) => unknown;
const { cache, mapAsync, prefetch, shard, decodeTFRecord } = operators as unknown as Record<string, AnyCall>;

describe('a value in place of options', () => {
  it.each<[string, () => unknown]>([
    ['prefetch(4) or prefetch({ bytes: 1e8 })', () => prefetch?.()],
    ['mapAsync(f, { concurrency: 4 })', () => mapAsync?.(() => Promise.resolve(), 4)],
    ['cache({ maxBytes: 1e9 })', () => cache?.(5)],
    ['shard({ count: 4, index: 0 })', () => shard?.(4, 0)],
    ["decodeTFRecord({ onBadRecord: 'skip' })", () => decodeTFRecord?.('skip')],
  ])('is refused with the call to write: %s', (form, call) => {
    expect(call).toThrow(ConfigError);
    expect(call).toThrow(`: write ${form}`);
  });
});

describe('a default in its place in TensorFlow', () => {
  const { fixedLenFeature, varLenFeature } = formats as unknown as Record<string, AnyCall>;

  it('is refused, since the features take an object', () => {
    expect(() => fixedLenFeature?.([], 'int64', 5)).toThrow(
      'fixedLenFeature: expected options such as { default: 5 }, found 5',
    );
    expect(() => varLenFeature?.('int64', 'int32')).toThrow(ConfigError);
  });
});

describe('a line of CSV with another delimiter', () => {
  it.each([';', '\t', '|'])('is refused with the option to write (%j)', (delimiter) => {
    const parse = () => formats.createCsvParser(['int32', 'int32']).parseLine(`1${delimiter}2`);
    expect(parse).toThrow(`write { fieldDelim: ${JSON.stringify(delimiter)} }`);
  });
});
