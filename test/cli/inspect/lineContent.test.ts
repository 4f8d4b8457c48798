import { describe, expect, it } from '@jest/globals';
import { LineContent } from '../../../src/cli/inspect/lineContent.js';
import { inspected, linesOf } from './inspected.js';

const found = (text: string) => inspected(new LineContent(), linesOf(text));

const FAILS = "decodeCsv fails on such a line; { onBadRecord: 'skip' } skips these lines";
const NA_HINT = '; if this is a missing value, pass { naValue: "NA" }, and declare a number with a default';
/** Returns a header and `lines` lines, each with an id and a value. */
const table = (valueOf: (line: number) => unknown, lines = 501) =>
  ['id,price', ...Array.from({ length: lines }, (_, at) => `${at},${String(valueOf(at + 2))}`)].join('\n');

describe('LineContent', () => {
  it('reports the number of JSON lines, and the first line that is not JSON', () => {
    const lines = Array.from({ length: 1000 }, (_, id) => JSON.stringify({ id }));
    const { name, remarks } = found([...lines, 'id: 1000'].join('\n'));
    expect(name).toBe('JSON');
    expect(remarks).toContain('1,000 of 1,001 lines; line 1,001 is not JSON');
  });

  it('lists the fields of JSON with the types of their values', () => {
    const { fields } = found('{"id":1,"w":1,"tags":["a"]}\n{"id":2,"w":0.5,"name":null}');
    expect(fields).toEqual({
      id: ['integer'],
      w: ['number'],
      tags: ['array', 'missing'],
      name: ['null', 'missing'],
    });
  });

  it('treats a JSON document over many lines as text, and names the remedy', () => {
    const { name, remarks } = found('[\n {"a": 1},\n {"a": 2}\n]');
    expect(name).toBe('text');
    expect(remarks.join()).toContain('one JSON document');
  });

  it.each([
    [';', 'a;b\n1,5;2\n3,5;4', ['string', 'int64']],
    ['\t', 'a\tb\n1\t2\n3\t4.5', ['int64', 'float32']],
    ['|', '1|x\n2|y', ['int64', 'string']],
  ])('recognises the delimiter %j', (fieldDelim, text, features) => {
    expect(found(text)).toMatchObject({ name: 'CSV', options: { fieldDelim }, features });
  });

  it.each([
    ['an empty first name', ',fare,tips\n0,1,2.5\n1,3,4', ['', 'fare', 'tips'], ['int64', 'int64', 'float32']],
    ['a number for a name', 'year,2019,2020\n1,5,6\n2,7,8', ['year', '2019', '2020'], ['int64', 'int64', 'int64']],
    [
      'integers beyond int64',
      'id,n\n18446744073709551615,a\n18446744073709551614,b',
      ['id', 'n'],
      ['string', 'string'],
    ],
    ['a column of text', 'id,name\n1,é', ['id', 'name'], ['int64', 'string']],
  ])('recognises a header with %s', (_, text, header, features) => {
    expect(found(text)).toMatchObject({ header, features });
  });

  it.each([
    ['a missing value', 'NA,1\n2,3'],
    ['an id beyond int64', '18446744073709551615,1\n2,3'],
    ['the same text twice', 'x,x\n1,2'],
  ])('does not treat %s as a header', (_, text) => {
    expect(found(text).header).toBeUndefined();
  });

  it.each([
    ['blank lines', '\n\nid,w\n1,0.5\n2,0.5', 3, []],
    ['a title', `measured in May\n${table(() => 7)}`, 2, ['1 line before the header, skipped by { skipLines: 2 }']],
    [
      'a title and a blank line',
      `measured in May\n\n${table(() => 7)}`,
      3,
      ['1 line before the header, skipped by { skipLines: 3 }'],
    ],
  ])('recognises a header below %s, and counts the lines to skip', (_, text, skipLines, remarks) => {
    const result = found(text);
    expect(result).toMatchObject({ header: [expect.any(String), expect.any(String)], skipLines });
    expect(result.remarks).toEqual(remarks);
    expect(result.hasBlankLines).toBeUndefined();
  });

  it.each([
    ['postal codes', 'zip,n\n94103,1\n00501,2', 'column "zip": line 3 is "00501"'],
    ['codes without a header', '00123,1\n45678,2', 'column 1: line 1 is "00123"'],
    ['long ids', 'id,n\n0000000123456789,1\n1,2', 'column "id": line 2 is "0000000123456789"'],
    ['quoted codes', 'id,n\n"007",1\n"008",2', 'column "id": line 2 is "007"'],
  ])('proposes a string for integers with leading zeros, and says why: %s', (_, text, remark) => {
    expect(found(text)).toMatchObject({
      features: ['string', 'int64'],
      remarks: [`${remark}; a number would lose the leading zeros, so the column is a string`],
    });
  });

  it.each(['0,1\n10,2', '0.5,1\n007,2', '00.5,1\n00.7,2', '-05,1\n3,2'])(
    'proposes numbers if leading zeros do not identify: %j',
    (text) => {
      expect(found(text).features).toEqual([expect.stringMatching(/^(int64|float32)$/), 'int64']);
    },
  );

  it('does not ask about a header that it has found', () => {
    expect(found('zip,plus\n00501,0001\n94103,0002').remarks.join()).not.toContain('may be a header');
  });

  it('reports that the first line may be a header if all columns are text', () => {
    expect(found('name,city\nAnn,Paris').remarks).toEqual(['all columns are text, so the first line may be a header']);
  });

  it('ignores blank lines for the types, and reports them', () => {
    const { features, remarks } = found('a,b\n1,2\n3,4\n');
    expect(features).toEqual(['int64', 'int64']);
    expect(remarks).toEqual(['1 line is blank (line 4): before decodeCsv, use filter((line) => line.length > 0)']);
  });

  it.each([
    ['16777217,1\n0.5,2', ['float64', 'int64']],
    ['1382319000.5,1\n2,2', ['float64', 'int64']],
    ['9007199254740993,1\n0.5,2', ['string', 'int64']],
    ['9007199254740993,1\n5,2', ['int64', 'int64']],
    ['18446744073709551615,1\n5,2', ['string', 'int64']],
    ['1e300,1\n5,2', ['float64', 'int64']],
    ['0.25,1\n5,2', ['float32', 'int64']],
    ['24.112778482958674,1\n0.5,2', ['float64', 'int64']],
    ['0.1234567891,1\n0.5,2', ['float64', 'int64']],
    ['0.1234567,1\n-3.141593,2', ['float32', 'int64']],
    ['78257150,1\n0.5,2', ['float64', 'int64']],
    ['1e10,1\n10000000000.0,2', ['float32', 'int64']],
    ['1e-50,1\n0.5,2', ['float64', 'int64']],
    ['+.100000,1\nNaN,2', ['float32', 'int64']],
  ])('proposes a dtype that can represent every number of %j', (text, features) => {
    expect(found(text).features).toEqual(features);
  });

  it('reports a column without a value', () => {
    const { features, remarks } = found('id,note\n1,\n2,');
    expect(features).toEqual(['int64', { dtype: 'string', default: '' }]);
    expect(remarks).toEqual(['column "note" has no value in any line']);
  });

  it('reports the first line with another number of columns', () => {
    const lines = [...Array.from({ length: 20 }, (_, id) => `${id},1`), '20,1,2'];
    expect(found(lines.join('\n')).remarks).toEqual(['20 of 21 lines have 2 columns; line 21 has 3', FAILS]);
  });

  it('shows lines as UTF-8 without control characters', () => {
    const { shown } = found('é\u009b31m\u202e\u200f\u2028x');
    expect(shown).toEqual([String.raw` "é\u009b31m\u202e\u200f\u2028x"`]);
  });

  it('proposes numbers for a column that is nearly all numbers, and tells the first other field', () => {
    const { features, header, remarks } = found(table((line) => (line === 312 || line === 400 ? '0.5x' : 0.25)));
    expect({ features, header }).toEqual({ features: ['int64', 'float32'], header: ['id', 'price'] });
    expect(remarks).toEqual(['column "price": 499 of 501 values are numbers; line 312 is "0.5x"', FAILS]);
  });

  it('proposes a string if more than 1 % of the fields are text, and tells the first if most are numbers', () => {
    expect(found(table((line) => (line % 10 === 5 ? 'NA' : line)))).toMatchObject({
      features: ['int64', 'string'],
      remarks: [`column "price": 451 of 501 values are numbers; line 5 is "NA", so the column is a string${NA_HINT}`],
    });
    expect(found(table((line) => (line % 10 === 5 ? line : 'a'))).remarks).toEqual([]);
  });

  it('decides at exactly 99 % of the values that are not empty', () => {
    const withText = (texts: number) => table((line) => (line > 301 ? '' : line < 2 + texts ? 'x' : 1), 400);
    expect(found(withText(3)).features).toEqual(['int64', { dtype: 'int64', default: 0 }]);
    expect(found(withText(4)).features).toEqual(['int64', { dtype: 'string', default: '' }]);
  });

  it('names a column without a name by its number, counted from 1', () => {
    const lines = Array.from({ length: 200 }, (_, at) => (at === 0 || at === 9 ? '1,NA' : '1,2'));
    expect(found(lines.join('\n')).remarks).toEqual([
      `column 2: 198 of 200 values are numbers; line 1 is "NA"${NA_HINT}`,
      FAILS,
    ]);
  });

  it('tells the first fraction among integers, the first number that no dtype fits, and the first empty field', () => {
    const remarksOf = (odd: string, usual: string) => found(table((line) => (line === 99 ? odd : usual))).remarks;
    expect(remarksOf('0.5', '7')).toEqual(['column "price": 500 of 501 numbers are integers; line 99 is "0.5"']);
    expect(remarksOf('', '7')).toEqual(['column "price" is empty in 1 line, first in line 99']);
    const id = '18446744073709551615';
    expect(remarksOf(id, '7')).toEqual([
      `column "price": no numeric dtype can represent all numbers; line 99 is "${id}", so the column is a string`,
    ]);
    expect(remarksOf('0.5', '9007199254740993')).toEqual([
      'column "price": no numeric dtype can represent all numbers; line 99 is "0.5", so the column is a string',
    ]);
  });

  it('stops checking a column whose first thousand values are mostly text', () => {
    const { features, remarks } = found(table((line) => (line < 900 ? 'x' : 1), 5000));
    expect({ features, remarks }).toEqual({ features: ['int64', 'string'], remarks: [] });
  });

  it('tells of a few columns at most', () => {
    const odd = Array.from({ length: 30 }, () => '').join();
    const usual = Array.from({ length: 30 }, () => '1').join();
    const { remarks } = found([usual, usual, odd].join('\n'));
    expect(remarks).toHaveLength(21);
    expect(remarks[20]).toBe('… and 10 more about columns');
  });

  it('warns of a file that does not begin with the header of the others', () => {
    const content = new LineContent();
    for (const [file, text] of [
      ['a.csv', 'id,w\n1,2\n3,4'],
      ['b.csv', '5,6\n7,8'],
    ] as const) {
      for (const [indexInFile, line] of linesOf(text).entries()) content.add(line, { indexInFile, path: file });
    }
    expect(content.result()).toMatchObject({
      features: ['int64', 'int64'],
      remarks: [
        '1 file does not begin with this header, so { skipLines: 1 } would leave out data: see line 1 of b.csv',
      ],
    });
  });

  it.each([
    ['another type', { n: 'x' }, 'field "n": 500 of 501 values are of type number; line 312 has type string'],
    ['null', { n: null }, 'field "n": 500 of 501 values are of type number; line 312 has null'],
    ['a fraction among integers', { n: 0.5 }, 'field "n": 500 of 501 values are integers; line 312 is 0.5'],
    ['no such field', {}, 'field "n" is missing in 1 line, first in line 312'],
    ['a field of its own', { n: 1, m: 1 }, undefined],
    ['an array', [], '500 of 501 lines are objects; line 312 is not'],
  ])('tells the first JSON line with %s', (_, odd, remark) => {
    const lines = Array.from({ length: 501 }, (__, at) => JSON.stringify(at === 311 ? odd : { n: at }));
    const { name, remarks } = found(lines.join('\n'));
    expect(name).toBe('JSON');
    expect(remarks.slice(1)).toEqual(remark === undefined ? [] : [remark]);
  });

  it('tells a JSON field that the first line lacks', () => {
    expect(found('{}\n{"a":1}\n{"a":2}').remarks.slice(1)).toEqual(['field "a" is missing in 1 line, first in line 1']);
  });
});
