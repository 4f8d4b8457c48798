import fc from 'fast-check';
import { memberTexts } from '../../../src/agent/data/memberTexts.js';

const of = (json: string) => Object.fromEntries(memberTexts(json));

describe('memberTexts', () => {
  it('gives each value as it is written', () => {
    expect(of('{"a": 1.0, "b" :12345678901234567890,"c":[1, {"a": 2}] , "d":{"a":3},"e":1e400,"f":null}')).toEqual({
      a: '1.0',
      b: '12345678901234567890',
      c: '[1, {"a": 2}]',
      d: '{"a":3}',
      e: '1e400',
      f: 'null',
    });
  });

  it('is not misled by what strings hold', () => {
    expect(of(String.raw`{"a,\"b\":{": "}\\", "c": "[\"", "\u0064": 1}`)).toEqual({
      'a,"b":{': String.raw`"}\\"`,
      c: String.raw`"[\""`,
      d: '1',
    });
  });

  it('takes the last of several members of a name, and none of an empty object', () => {
    expect(of('{"a": 1, "a": 2}')).toEqual({ a: '2' });
    expect(of(' { } ')).toEqual({});
  });

  it('takes a string that is longer than a regular expression could remember', () => {
    const text = JSON.stringify('x'.repeat(20_000_000));
    expect(memberTexts(`{"a":${text},"b":1}`).get('b')).toBe('1');
  });

  it('takes a string of more escapes than a regular expression could remember', () => {
    const text = JSON.stringify('\n'.repeat(10_000_000));
    expect(memberTexts(`{"a":${text},"b":"\\\\"}`).get('b')).toBe('"\\\\"');
  });

  it('gives texts that are the values, for every object', () => {
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
