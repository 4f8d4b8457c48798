import fc from 'fast-check';
import { memberTexts } from '../../../src/agent/data/memberTexts.js';

const of = (json: string) => Object.fromEntries(memberTexts(json));

describe('memberTexts', () => {
  it('returns each value as it is written', () => {
    expect(of('{"a": 1.0, "b" :12345678901234567890,"c":[1, {"a": 2}] , "d":{"a":3},"e":1e400,"f":null}')).toEqual({
      a: '1.0',
      b: '12345678901234567890',
      c: '[1, {"a": 2}]',
      d: '{"a":3}',
      e: '1e400',
      f: 'null',
    });
  });

  it('ignores brackets and commas inside strings', () => {
    expect(of(String.raw`{"a,\"b\":{": "}\\", "c": "[\"", "\u0064": 1}`)).toEqual({
      'a,"b":{': String.raw`"}\\"`,
      c: String.raw`"[\""`,
      d: '1',
    });
  });

  it('returns the last of several members with the same name, and no member of an empty object', () => {
    expect(of('{"a": 1, "a": 2}')).toEqual({ a: '2' });
    expect(of(' { } ')).toEqual({});
  });

  it('accepts a string longer than a regular expression can match', () => {
    const text = JSON.stringify('x'.repeat(20_000_000));
    expect(memberTexts(`{"a":${text},"b":1}`).get('b')).toBe('1');
  });

  it('accepts a string with more escapes than a regular expression can match', () => {
    const text = JSON.stringify('\n'.repeat(10_000_000));
    expect(memberTexts(`{"a":${text},"b":"\\\\"}`).get('b')).toBe('"\\\\"');
  });

  it('returns texts that parse to the values, for every object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const json = JSON.stringify(value, undefined, indent);
        const texts = memberTexts(json);
        const parsed = JSON.parse(json) as Record<string, unknown>;
        expect([...texts.keys()].sort()).toEqual(Object.keys(parsed).sort());
        for (const [name, text] of texts) expect(JSON.parse(text)).toEqual(parsed[name]);
      }),
    );
  });
});
