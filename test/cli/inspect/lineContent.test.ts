import { describe, expect, it } from '@jest/globals';
import { LineContent } from '../../../src/cli/inspect/lineContent.js';
import { inspected, linesOf } from './inspected.js';

const found = (text: string) => inspected(new LineContent(), linesOf(text));

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
  ])('proposes a dtype that can represent every number of %j', (text, features) => {
    expect(found(text).features).toEqual(features);
  });

  it('reports a column without a value', () => {
    const { features, remarks } = found('id,note\n1,\n2,');
    expect(features).toEqual(['int64', { dtype: 'string', default: '' }]);
    expect(remarks).toEqual(['column 1, "note", has no value in any line']);
  });

  it('reports the first line with another number of columns', () => {
    const lines = [...Array.from({ length: 20 }, (_, id) => `${id},1`), '20,1,2'];
    expect(found(lines.join('\n')).remarks).toEqual([
      '20 of 21 lines have 2 columns; line 21 has 3',
      "decodeCsv fails on the other lines; onBadRecord: 'skip' skips them",
    ]);
  });

  it('shows lines as UTF-8 without control characters', () => {
    const { shown } = found('é\u009b31m\u202e\u200f\u2028x');
    expect(shown).toEqual([String.raw` "é\u009b31m\u202e\u200f\u2028x"`]);
  });
});
