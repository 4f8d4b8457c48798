import { describe, expect, it } from '@jest/globals';
import { LineContent } from '../../../src/cli/inspect/lineContent.js';
import { linesOf } from './inspected.js';

/** Returns the number and the sizes of the records in CSV files. */
function rowsOf(...files: string[]): object {
  const content = new LineContent();
  for (const [file, text] of files.entries()) {
    for (const [indexInFile, line] of linesOf(text).entries()) {
      content.add(line, { indexInFile, path: `${file}.csv`, isSketched: true });
    }
  }
  const { rows } = content.result();
  if (!rows) throw new Error('expected CSV');
  const { min, max, total } = rows.rows.summary() ?? { min: 0, max: 0, total: 0 };
  return { records: rows.rows.count, min, max, total, sketched: rows.sketched.count };
}

describe('the records of CSV', () => {
  it('are the lines below the header', () => {
    expect(rowsOf('number,value\n1,2\n3,456')).toEqual({ records: 2, min: 3, max: 5, total: 8, sketched: 2 });
  });

  it('are all lines without a header', () => {
    expect(rowsOf('1,2\n3,456')).toEqual({ records: 2, min: 3, max: 5, total: 8, sketched: 2 });
  });

  it('are the lines below the header of each file, also in another order', () => {
    expect(rowsOf('a,b\n1,2', 'a,b\n3,4\n5,6', 'b,a\n7,8')).toMatchObject({ records: 4, total: 12 });
  });

  it('are not the lines above a header', () => {
    expect(rowsOf(`A title\n\nname,value\n${'x,1\n'.repeat(40)}`)).toMatchObject({ records: 40, max: 3 });
  });

  it('include lines with another number of columns below the header, and no blank lines', () => {
    const rows = 'x,1\n'.repeat(40);
    expect(rowsOf(`name,value\n${rows}\nx,1,2\n${rows}`)).toMatchObject({ records: 81, max: 5 });
  });

  it('include all lines of a file without a line of the usual number of columns', () => {
    expect(rowsOf(`name,value\n${'x,1\n'.repeat(40)}`, 'x\ny\nz')).toMatchObject({ records: 43, min: 1 });
  });

  it('include the lines above the first row of a file without the header of the other files', () => {
    expect(rowsOf(`name,value\n${'x,1\n'.repeat(40)}`, 'x\ny,2')).toMatchObject({ records: 42, min: 1 });
  });
});
