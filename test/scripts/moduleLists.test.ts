import { shortenModuleLists } from '../../scripts/bundle/moduleLists.js';

/** Without line breaks between statements, which have no meaning. */
const shortened = (code: string): string => shortenModuleLists(code).replaceAll(/\n+/g, '\n').trim();

describe('shortenModuleLists', () => {
  it('exports functions, classes and constants where they are declared', () => {
    const code = 'function a() {}\nclass B {}\nconst c = 1;\nconst d = 2;\nexport { a, B, c, d as e };';
    const expected = 'export function a() {}\nexport class B {}\nexport const c = 1;\nconst d = 2;\nexport { d as e };';
    expect(shortened(code)).toBe(expected);
  });

  it('exports again what is imported and not used', () => {
    const code = 'import { a, b } from "./c.js";\nb({ a: 1 }.a);\nexport { a, b };';
    const expected = 'import { b } from "./c.js";\nexport { a } from "./c.js";\nb({ a: 1 }.a);\nexport { b };';
    expect(shortened(code)).toBe(expected);
  });

  it('imports each package once, under one name', () => {
    const code =
      'import { join } from "node:path";\nimport { join as join2, sep } from "node:path";\nf(join, { join2 }, x.join2, sep);';
    const expected = 'import { join, sep } from "node:path";\nf(join, { join2: join }, x.join2, sep);';
    expect(shortened(code)).toBe(expected);
  });

  it('keeps a second name where a function has a variable of the first name', () => {
    const code =
      'import { join } from "node:path";\nimport { join as join2 } from "node:path";\nconst f = (join) => join2(join);';
    expect(shortened(code)).toBe('import { join, join as join2 } from "node:path";\nconst f = (join) => join2(join);');
  });
});
