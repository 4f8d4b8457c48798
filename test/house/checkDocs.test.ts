import { checkBlocks, pagesOfProject } from '../../scripts/checkDocs.js';
import { docBlocks } from '../../scripts/docBlocks.js';

const fenced = (info: string, ...code: string[]): string[] => ['```' + info, ...code, '```'];
const check = (path: string, lines: string[]): string[] => checkBlocks(docBlocks(path, lines.join('\n')));

describe('checkBlocks', () => {
  it('passes good blocks that import the entries', () => {
    const code = ["import { batch } from 'millrace/operators';", "import { of } from 'rxjs';", 'of(1).pipe(batch(1));'];
    expect(check('README.md', ['# Title', ...fenced('ts', ...code), ...fenced('sh', 'npm ci')])).toEqual([]);
  });

  it('reports an error at its own line of the page', () => {
    const page = [
      '# Title',
      '',
      ...fenced('ts', 'const good: number = 1;'),
      ...fenced('ts', '', "const bad: number = '';"),
    ];
    expect(check('docs/page.md', page)).toEqual(["docs/page.md:8: Type 'string' is not assignable to type 'number'."]);
  });

  it('knows the types of the entries', () => {
    const code = ["import { batch } from 'millrace/operators';", "batch('ten');"];
    expect(check('README.md', fenced('ts', ...code))).toEqual([
      expect.stringMatching(/^README\.md:3: Argument of type/),
    ]);
  });

  it('reports a name that no entry exports', () => {
    const code = ["import { noSuchOperator } from 'millrace/operators';"];
    expect(check('README.md', fenced('ts', ...code))).toEqual([expect.stringContaining('noSuchOperator')]);
  });

  it('lets a block go on from the one before it, and only where it says so', () => {
    const first = fenced('ts', 'const size = 64;');
    const second = ['More:', ...fenced('ts continue', 'const twice: number = size * 2;')];
    expect(check('README.md', [...first, ...second])).toEqual([]);
    expect(check('README.md', [...first, ...fenced('ts', 'size;')])).toEqual(["README.md:5: Cannot find name 'size'."]);
  });

  it('reads the docstrings of a source file', () => {
    const docstring = [
      '/**',
      ' * Does it.',
      ' *',
      ...fenced('ts', 'const bad: string = 1;').map((line) => ` * ${line}`),
      ' */',
    ];
    expect(check('src/base/some.ts', [...docstring, 'export const code = 1;'])).toEqual([
      "src/base/some.ts:5: Type 'number' is not assignable to type 'string'.",
    ]);
  });
});

describe('docBlocks', () => {
  it.each([
    [
      'a block under another name',
      fenced('typescript', 'x'),
      'README.md:1: expected the fence "ts" (only such blocks are type-checked), found "typescript"',
    ],
    [
      'an unknown word after ts',
      fenced('ts no-check', 'x'),
      'README.md:1: expected the fence "ts" or "ts continue", found "ts no-check"',
    ],
    ['a continuation of nothing', fenced('ts continue', 'x'), 'README.md:1: "ts continue" needs a block before it'],
    ['a block that is never closed', ['text', '```ts', 'x'], 'README.md:2: this code block is never closed'],
  ])('refuses %s', (_, page, message) => {
    expect(() => docBlocks('README.md', page.join('\n'))).toThrow(message);
  });
});

describe('pagesOfProject', () => {
  it('holds the pages, the sources and the operators', () => {
    const pages = pagesOfProject();
    expect(pages).toEqual(
      expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/errors.md', 'src/base/errors.ts']),
    );
    expect(pages.some((page) => page.startsWith('operators/'))).toBe(true);
  });
});
