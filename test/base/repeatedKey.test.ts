import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { repeatedKey } from '../../src/base/repeatedKey.js';

describe('repeatedKey', () => {
  it.each([
    ['{"a": 1,\n "a": 2}', 'a', 2, 2, 1, 2],
    ['{"b": {"a": 1},\n "c": [{"a": 1, "x": "a",\n  "a": {}}]}', 'a', 3, 3, 2, 9],
    ['{"a": 1, "\\u0061": 2}', 'a', 1, 10, 1, 2],
    ['{"__proto__": 1, "__proto__": 2}', '__proto__', 1, 18, 1, 2],
  ])('finds it in %j', (text, key, line, column, firstLine, firstColumn) => {
    expect(repeatedKey(text)).toBe(
      `line ${line}, column ${column}: the key "${key}" is used twice; the first use is in line ${firstLine}, column ${firstColumn}: ` +
        'remove or rename one of the two',
    );
  });

  it('finds none in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
        expect(repeatedKey(JSON.stringify(value, undefined, indent))).toBeUndefined();
      }),
    );
  });
});
