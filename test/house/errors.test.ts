import { readFileSync } from 'node:fs';
import { MILLRACE_ERROR_CODES } from '../../src/base/errors.js';

const page = readFileSync('docs/errors.md', 'utf8');

/** The codes in the first column of the page's tables. */
const codesOfPage = (prefix: string): string[] =>
  Array.from(page.matchAll(new RegExp(`^\\| \`(${prefix}_\\w+)\``, 'gm')), ([, code]) => code ?? '');

describe('docs/errors.md', () => {
  it('lists every error code, in the order of the source, and nothing else', () => {
    expect(codesOfPage('ERR')).toEqual([...MILLRACE_ERROR_CODES]);
  });

  it('lists every warning, in the order of the source, and nothing else', () => {
    const source = readFileSync('src/base/warn.ts', 'utf8');
    const declared = Array.from(source.matchAll(/'(MILLRACE_\w+)'/g), ([, code]) => code);
    expect(declared).not.toEqual([]);
    expect(codesOfPage('MILLRACE')).toEqual(declared);
  });
});
