import { separate } from '../../scripts/bundle/separate.js';

describe('separate', () => {
  it('separates declarations, also destructured ones, in lists of statements', () => {
    expect(separate('let a = 1, { b } = a, c;')).toBe('let a = 1;\nlet { b } = a;\nlet c;');
  });

  it('separates the expressions of statements, and those before a result or an error', () => {
    expect(separate('a(), b(), c();')).toBe('a();\nb();\nc();');
    expect(separate('function f() { return a(), b(), c; }')).toBe('function f() { a();\nb();\nreturn c; }');
    expect(separate('{ throw a(), b; }')).toBe('{ a();\nthrow b; }');
  });

  it('keeps commas of loops, arguments, parentheses and single statements', () => {
    const code = 'for (let i = 0, j = 1; i < j; i++, j--) f(i, j);\nif (a) b(), c();\nd = (e, f);';
    expect(separate(code)).toBe(code);
  });
});
