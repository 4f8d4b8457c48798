import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonFault } from '../../src/base/jsonFault.js';

function faultOf(text: string): string {
  try {
    JSON.parse(text);
  } catch (error) {
    const { line, column, message } = jsonFault(text, error);
    return `${line}:${column} ${message}`;
  }
  throw new Error(`It is JSON: ${text}`);
}

describe('jsonFault', () => {
  it.each([
    [
      'a comma at the end of an array',
      '{\n  "a": [1, 2, ]\n}',
      '2:15 expected a value, found "]": remove the comma before it',
    ],
    [
      'a comma at the end of an object',
      '{\n  "a": 1,\n}',
      '3:1 expected double-quoted property name, found "}": remove the comma before it',
    ],
    ['a missing comma', '{\n  "a": 1\n  "b": 2\n}', `3:3 expected ',' or '}' after property value, found "\\"b\\": 2"`],
    ['a missing comma in an array', '[1 2]', `1:4 expected ',' or ']' after array element, found "2]"`],
    [
      'a comment',
      '{\n  "a": 1, // one\n}',
      '2:11 expected double-quoted property name, found "// one": JSON has no comments',
    ],
    ['a comment before all', '# a pipeline\n{}', '1:1 expected a value, found "# a pipeline": JSON has no comments'],
    ['single quotes', "{'a': 1}", `1:2 expected property name or '}', found "'a': 1}": write text in double quotes`],
    ['a word', '{"a": 1,\r\n "b": yes}', '2:7 expected a value, found "yes}"'],
    ['a name cut off', '{"a": [tru]}', '1:11 expected a value, found "]}"'],
    ['text behind the value', '{"a": 1}\n}', '2:1 expected the end, found "}"'],
    ['a line break in text', '{"a": "b\nc"}', '1:9 bad control character in string literal, found "c\\"}"'],
    ['what JavaScript writes for no value', 'undefined', '1:1 expected a value, found "undefined"'],
    ['no text', ' \n', '2:1 the text is empty'],
    ['text that is cut off', '{\n  "a": [1, ', '2:12 the file may be truncated'],
    ['an object that is cut off', '{"a": 1', '1:8 the file may be truncated'],
    ['text in quotes that is cut off', '["ab', '1:5 the file may be truncated'],
  ])('finds %s', (_, text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  it('finds a wrong character at any place where a value is expected', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 20 }), fc.array(fc.jsonValue()), (before, after) => {
        const start = `[\n${before.map((value) => `${JSON.stringify(value)},\n`).join('')}`;
        const end = after.map((value) => `, ${JSON.stringify(value)}`).join('');
        expect(faultOf(`${start}?${end}]`)).toMatch(new RegExp(`^${before.length + 2}:1 expected a value, found "\\?`));
      }),
    );
  });
});
