import { transform } from 'esbuild';
import { compact } from '../../scripts/bundle/compact.js';

/** Code in which a space, a line break or a semicolon has a meaning. */
const DELICATE = `
// src/one.ts
import { z } from "zod";
var a = 1 .toFixed() + 1.5.toFixed(), b = a + +a - -a, c = a++ + ++b, d = c / /re gex/g.exec("x  y").index;
// a remark
for (;;) { if (a) break; else continue; }
while (a--) ;
if (a) ; else b = typeof a in {};
{ while (b) ; }
{ for (const x of [1]) ; }
do a++; while (a < 3)
label: for (const key in { }) { continue label; }

// src/two.ts
var text = \`line

  \${ a + \`\${ b }  \` }  end\`;
class Some extends Object {
  #one;
  two = (x) => { return x; };
  static three;
  static { Some.three = 3; }
  get four() { return #one in this; }
  async *five() { yield* [await 1]; }
  get;
  six() {}
  seven = a;
  in() {}
  eight = a;
  [b] = a;
}
a = b;
(a || b)();
a = b;
[a, b].pop();
a = b;
+a;
switch (a) { case 1: b = 2; break; default: b = 3 }
var f = async function* named() { return { get x() { return 1 }, ["y z"]: void 0 } };
export { a as default, z };
`;

const minified = async (code: string): Promise<string> => (await transform(code, { minifyWhitespace: true })).code;

describe('compact', () => {
  it('keeps the meaning of the code', async () => {
    expect(await minified(compact(DELICATE))).toBe(await minified(DELICATE));
  });

  it('begins a line for each statement and each member of a class', () => {
    const code = 'function f(a) { if (a) return 1; const b = { x: 1,\n y: 2 }; return b; }\nclass C { x = 1; y() {} }';
    expect(compact(code).split('\n')).toEqual([
      'function f(a){',
      'if(a)return 1',
      'const b={x:1,y:2}',
      'return b}',
      'class C{',
      'x=1',
      'y(){}}',
      '',
    ]);
  });

  it('names the folder of files before their first code', () => {
    const code =
      '// src/one/a.ts\nimport { z } from "zod";\n// a remark\n\n// src/two/b.ts\nf(); // done\n// src/two/c.ts\ng();\n';
    expect(compact(code)).toBe('import{z}from"zod"\n// src/two\nf()\ng();\n');
  });

  it('keeps the first line of a command', () => {
    expect(compact('#!/usr/bin/env node\nrun();\n')).toBe('#!/usr/bin/env node\nrun();\n');
  });
});
