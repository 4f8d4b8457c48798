import { describe, expect, it } from '@jest/globals';
import { LineContent } from '../../../src/cli/inspect/lineContent.js';
import { inspected, linesOf } from './inspected.js';

const found = (text: string) => inspected(new LineContent(), linesOf(text));

const FAILS = "decodeTable fails on such a row; { onBadRecord: 'skip' } skips these rows";
const naHint = (dtype: string): string =>
  `; if this is a missing value, set naValues: ["NA"], and { dtype: '${dtype}', default: NaN } for the column`;
const TEXTS_BELOW =
  'all columns are text: if the first line is data and not a header, set columnNames: […] with the names of all columns';
/** Returns a header and `lines` lines, each with an id and a value. */
const table = (valueOf: (line: number) => unknown, lines = 501) =>
  ['id,price', ...Array.from({ length: lines }, (_, at) => `${at},${String(valueOf(at + 2))}`)].join('\n');

const ofFiles = (...texts: string[]) => {
  const content = new LineContent();
  for (const [file, text] of texts.entries()) {
    for (const [indexInFile, line] of linesOf(text).entries()) content.add(line, { indexInFile, path: `${file}.csv` });
  }
  return content.result();
};
const columnsOf = (text: string): unknown[] => Object.values(found(text).features as object);

describe('LineContent', () => {
  it('says which name occurs twice in the first line', () => {
    expect(found('x,,x,,y\n1,2,3,4,5\n6,7,8,9,0').remarks).toContain(
      'the first line is not a header, because the name "x" occurs twice: rename a column',
    );
  });

  it('reports the number of JSON lines, and the first line that is not JSON', () => {
    const lines = Array.from({ length: 1000 }, (_, id) => JSON.stringify({ id }));
    const { name, remarks } = found([...lines, 'id: 1000'].join('\n'));
    expect(name).toBe('JSON');
    expect(remarks).toContain(
      "1,000 of 1,001 lines are JSON; line 1,001 is not, so decodeJson fails; { onBadRecord: 'skip' } skips bad lines",
    );
  });

  it('names a value inside an object that the proposal leaves out, because a field has its dotted name', () => {
    const { features, remarks } = found('{"a.b":1,"a":{"b":2}}\n{"a.b":3,"a":{"b":4}}');
    expect(features).toEqual({ features: { 'a.b': { kind: 'fixedLen', shape: [], dtype: 'int64' } } });
    expect(remarks).toContain(
      'the proposal reads the field "a.b", and not the value inside an object with the same dotted name: rename one of them',
    );
  });

  it.each([
    ['a number', [1, 2.5], { kind: 'fixedLen', shape: [], dtype: 'float32' }],
    ['booleans and integers', [true, 3], { kind: 'fixedLen', shape: [], dtype: 'int64' }],
    ['booleans and fractions', [true, 0.5], undefined],
    ['a list of integers, booleans and fractions', [[0, false, 0.5]], undefined],
    ['numbers and texts', [1, '2'], undefined],
    ['integers above int64', [2 ** 63], { kind: 'fixedLen', shape: [], dtype: 'float32' }],
    ['null and a number', [null, 7], { kind: 'fixedLen', shape: [], dtype: 'int64', default: 0 }],
    ['null and a text', ['a', null], { kind: 'fixedLen', shape: [], dtype: 'bytes', defaultText: '' }],
    ['only null', [null, null], undefined],
    [
      'vectors of one length',
      [
        [1, 2],
        [3, 4],
      ],
      { kind: 'fixedLen', shape: [2], dtype: 'int64' },
    ],
    ['vectors of different lengths', [['a'], []], { kind: 'ragged', dtype: 'bytes' }],
    ['vectors and null', [[1, 2], null], { kind: 'ragged', dtype: 'int64' }],
    [
      'matrices',
      [
        [[1], [0.5]],
        [[2], [3]],
      ],
      { kind: 'fixedLen', shape: [2, 1], dtype: 'float32' },
    ],
    ['matrices of different shapes', [[[1], [2]], [[3]]], undefined],
    ['rows of different lengths', [[[1], [2, 3]]], undefined],
    ['numbers and vectors', [1, [1]], undefined],
    ['null in a vector', [[1, null]], undefined],
    ['empty vectors', [[], []], undefined],
  ])('proposes a feature for %s', (_, values, feature) => {
    const { decoder, features } = found(values.map((value) => JSON.stringify({ a: { sure: 1, x: value } })).join('\n'));
    expect(decoder).toBe('decodeJson');
    const sure = { kind: 'fixedLen', shape: [], dtype: 'int64' };
    expect(features).toEqual({ features: { 'a.sure': sure, ...(feature && { 'a.x': feature }) } });
  });

  it('proposes no features if half of the lines are arrays', () => {
    expect(found('{"a":1}\n[1]')).toMatchObject({ decoder: 'decodeJson', features: null });
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
    [';', 'a;b\n1,5;2\n3,5;4', ['string', 'int32']],
    ['\t', 'a\tb\n1\t2\n3\t4.5', ['int32', 'float32']],
    ['|', '1|x\n2|y', ['int32', 'string']],
  ])('recognises the delimiter %j', (delimiter, text, columns) => {
    expect(found(text)).toMatchObject({ name: 'CSV', decoder: 'decodeTable', options: { delimiter } });
    expect(columnsOf(text)).toEqual(columns);
  });

  it.each([
    ['an empty first name', ',fare,tips\n0,1,2.5\n1,3,4', ['', 'fare', 'tips'], ['int32', 'int32', 'float32']],
    ['a number for a name', 'year,2019,2020\n1,5,6\n2,7,8', ['year', '2019', '2020'], ['int32', 'int32', 'int32']],
    [
      'integers beyond int64',
      'id,n\n18446744073709551615,a\n18446744073709551614,b',
      ['id', 'n'],
      ['string', 'string'],
    ],
    ['a column of text', 'id,name\n1,é', ['id', 'name'], ['int32', 'string']],
  ])('recognises a header with %s', (_, text, header, columns) => {
    const { header: names, features } = found(text);
    expect(names).toEqual(header);
    expect(features).toEqual(Object.fromEntries(header.map((name, at) => [name, columns[at]])));
  });

  it.each([
    ['a missing value', 'NA,1\n2,3'],
    ['an id beyond int64', '18446744073709551615,1\n2,3'],
    ['the same text twice', 'x,x\n1,2'],
  ])('does not treat %s as a header', (_, text) => {
    expect(found(text).header).toBeUndefined();
  });

  it.each([
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
    expect(result).toMatchObject({ decoder: 'decodeCsv', features: ['int32', 'int32'] });
    expect(result.hasBlankLines).toBeUndefined();
  });

  it('recognises a header below blank lines, which decodeTable skips', () => {
    const { decoder, header, remarks } = found('\n\nid,w\n1,0.5\n2,0.5');
    expect({ decoder, header, remarks }).toEqual({ decoder: 'decodeTable', header: ['id', 'w'], remarks: [] });
  });

  it.each([
    ['postal codes', 'zip,n\n94103,1\n00501,2', 'column "zip": line 3 is "00501"'],
    ['codes without a header', '00123,1\n45678,2', 'column 1: line 1 is "00123"'],
    ['long ids', 'id,n\n0000000123456789,1\n1,2', 'column "id": line 2 is "0000000123456789"'],
    ['quoted codes', 'id,n\n"007",1\n"008",2', 'column "id": line 2 is "007"'],
  ])('proposes a string for integers with leading zeros, and says why: %s', (_, text, remark) => {
    expect(columnsOf(text)).toEqual(['string', 'int32']);
    expect(found(text).remarks).toEqual([
      `${remark}; a number would lose the leading zeros, so the column is a string`,
    ]);
  });

  it.each(['0,1\n10,2', '0.5,1\n007,2', '00.5,1\n00.7,2', '-05,1\n3,2'])(
    'proposes numbers if leading zeros do not identify: %j',
    (text) => {
      expect(columnsOf(text)).toEqual([expect.stringMatching(/^(int32|float32)$/), 'int32']);
    },
  );

  it('does not ask about a header above codes', () => {
    expect(found('zip,plus\n00501,0001\n94103,0002').remarks.join()).not.toContain('header');
  });

  it.each([
    ['names above texts', 'name,city\nAnn,Paris\nBob,Rome', ['name', 'city'], [TEXTS_BELOW]],
    ['a text that occurs again', 'good,I liked it\nbad,I slept\ngood,Fine', undefined, []],
    ['a date', '2024-05-01,ok\n2024-05-02,bad', undefined, []],
  ])('decides for %s whether the first line of a file of texts is a header', (_, text, header, remarks) => {
    const result = found(text);
    expect([result.header, result.remarks]).toEqual([header, remarks]);
    expect(result.options).toEqual(header ? undefined : { columnNames: ['column1', 'column2'] });
  });

  it('reads texts below equal first lines of two files as data, without a remark', () => {
    const { header, remarks } = ofFiles('name,city\nAnn,Paris', 'name,city\nBob,Rome');
    expect({ header, remarks }).toEqual({ header: ['name', 'city'], remarks: [] });
  });

  it('does not mention blank lines, which decodeTable skips', () => {
    const { features, remarks } = found('a,b\n1,2\n\n3,4\n');
    expect({ features, remarks }).toEqual({ features: { a: 'int32', b: 'int32' }, remarks: [] });
  });

  it('reports blank lines below a title, because decodeCsv fails on them', () => {
    expect(found(`title\n${table(() => 7)}\n\n1,2`).remarks).toContain(
      '1 line is blank (line 504): before decodeCsv, use filter((line) => line.length > 0)',
    );
  });

  it('proposes bool for true and false', () => {
    expect(columnsOf('id,ok\n1,true\n2,False')).toEqual(['int32', 'bool']);
    expect(found('id,ok\n1,true\n2,').remarks).toEqual([
      'column "ok" is empty in 1 line, first in line 3; only float32 and float64 have NaN for empty fields, so the column is a string',
    ]);
  });

  it.each([
    ['16777217,1\n0.5,2', ['float64', 'int32']],
    ['1382319000.5,1\n2,2', ['float64', 'int32']],
    ['9007199254740993,1\n0.5,2', ['string', 'int32']],
    ['9007199254740993,1\n5,2', ['int64', 'int32']],
    ['2147483648,1\n-2147483648,2', ['int64', 'int32']],
    ['2147483647,1\n-2147483648,2', ['int32', 'int32']],
    ['18446744073709551615,1\n5,2', ['string', 'int32']],
    ['1e300,1\n5,2', ['float64', 'int32']],
    ['0.25,1\n5,2', ['float32', 'int32']],
    ['24.112778482958674,1\n0.5,2', ['float64', 'int32']],
    ['0.1234567891,1\n0.5,2', ['float64', 'int32']],
    ['0.1234567,1\n-3.141593,2', ['float32', 'int32']],
    ['78257150,1\n0.5,2', ['float64', 'int32']],
    ['1e10,1\n10000000000.0,2', ['float32', 'int32']],
    ['1e-50,1\n0.5,2', ['float64', 'int32']],
    ['+.100000,1\nNaN,2', ['float32', 'int32']],
  ])('proposes a dtype that can represent every number of %j', (text, features) => {
    expect(columnsOf(text)).toEqual(features);
  });

  it('reports a column without a value', () => {
    const { features, remarks } = found('id,note\n1,\n2,');
    expect(features).toEqual({ id: 'int32', note: 'string' });
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
    expect({ features, header }).toEqual({ features: { id: 'int32', price: 'float32' }, header: ['id', 'price'] });
    expect(remarks).toEqual(['column "price": 499 of 501 values are numbers; line 312 is "0.5x"', FAILS]);
  });

  it('proposes a string if more than 1 % of the fields are text, and tells the first if most are numbers', () => {
    expect(found(table((line) => (line % 10 === 5 ? 'NA' : line)))).toMatchObject({
      features: { id: 'int32', price: 'string' },
      remarks: [
        `column "price": 451 of 501 values are numbers; line 5 is "NA", so the column is a string${naHint('float32')}`,
      ],
    });
    expect(found(table((line) => (line % 10 === 5 ? line : 'a'))).remarks).toEqual([]);
  });

  it('decides at exactly 99 % of the values that are not empty', () => {
    const withText = (texts: number) => table((line) => (line > 301 ? '' : line < 2 + texts ? 'x' : 1), 400);
    expect(columnsOf(withText(3))).toEqual(['int32', { dtype: 'float32', default: 'nan' }]);
    expect(columnsOf(withText(4))).toEqual(['int32', 'string']);
  });

  it('names a column without a name by its number, counted from 1', () => {
    const lines = Array.from({ length: 200 }, (_, at) => (at === 0 || at === 9 ? '1,NA' : '1,2'));
    expect(found(lines.join('\n')).remarks).toEqual([
      `column 2: 198 of 200 values are numbers; line 1 is "NA"${naHint('float32')}`,
      FAILS,
    ]);
  });

  it('tells the first fraction among integers, the first number that no dtype fits, and the first empty field', () => {
    const remarksOf = (odd: string, usual: string) => found(table((line) => (line === 99 ? odd : usual))).remarks;
    expect(remarksOf('0.5', '7')).toEqual(['column "price": 500 of 501 numbers are integers; line 99 is "0.5"']);
    expect(remarksOf('', '7')).toEqual([
      'column "price" is empty in 1 line, first in line 99; the proposal reads empty fields as NaN',
    ]);
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
    expect({ features, remarks }).toEqual({ features: { id: 'int32', price: 'string' }, remarks: [] });
  });

  it('tells of a few columns at most', () => {
    const odd = Array.from({ length: 30 }, () => '').join();
    const usual = Array.from({ length: 30 }, () => '1').join();
    const { remarks } = found([usual, usual, odd].join('\n'));
    expect(remarks).toHaveLength(21);
    expect(remarks[20]).toBe('… and 10 more about columns');
  });

  it.each([
    [
      'without a header',
      ['id,w\n1,2\n3,4', '5,6\n7,8'],
      '1 file does not begin with this header, so decodeTable fails: see line 1 of 1.csv',
    ],
    [
      'with its columns in another order',
      ['id,w\n1,0.5\n3,4', 'w,id\n0.5,6\n7,8'],
      '1 file has the columns in another order, which decodeTable accepts: see line 1 of 1.csv',
    ],
    [
      'with another column',
      ['id,w\n1,2\n3,4', 'id,z\n1,2\n3,4'],
      '1 file has other columns: line 1 of 1.csv also has "z", and has no "w"; read these files separately, or select the columns that all files have',
    ],
    [
      'with one more column',
      [table(() => 7), 'id,price,z\n1,2,3'],
      '1 file has other columns: line 1 of 1.csv also has "z"; read these files separately, or select the columns that all files have',
    ],
  ])('reports a file %s', (_, texts, remark) => {
    expect(ofFiles(...texts).remarks).toContain(remark);
  });

  it('finds the dtypes of columns in another order by their names', () => {
    expect(ofFiles('id,w\n1,2\n3,4', 'w,id\n0.5,6\n7,8').features).toEqual({ id: 'int32', w: 'float32' });
  });

  it('does not count the lines of a file with other columns as lines above a header', () => {
    const { remarks, decoder } = ofFiles(
      table(() => 7),
      'id,price,z\n1,2,3',
    );
    expect(decoder).toBe('decodeTable');
    expect(remarks.slice(1)).toEqual(['502 of 504 lines have 2 columns; line 1 of 1.csv has 3', FAILS]);
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
