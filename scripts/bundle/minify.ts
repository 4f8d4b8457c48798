import { minify as mangle } from '@swc/core';
import { transform } from 'esbuild';
import ts from 'typescript';
import { withShortFields } from './shortFields.js';

/** The comments of the bundler before the code of each source file. */
const SECTION = /^\/\/ ((?:src|operators)\/\S+)\n/m;
/** SWC shortens imported names even without `toplevel`. */
const IMPORT = /^import [^;]*;\n/gm;

/** Shortens syntax and local names. Functions and classes keep their names, which stack traces and errors contain. */
export async function minify(javaScript: string): Promise<string> {
  const [command = ''] = /^#!.*\n/.exec(javaScript) ?? [];
  const { code: short } = await transform(javaScript.slice(command.length), { minifySyntax: true, format: 'esm' });
  // A class without a name would have the short name of its constant.
  const named = short.replaceAll(/\b(\w+) = class(?= (?:\{|extends\b))/g, '$1 = class $1');
  return `${command}${await mangled(named, true)}`;
}

/**
 * Shortens the local names in the sections of the source files for which `isMinified` returns true. The names at the
 * top level of a module remain, because other sections use them.
 */
export async function minifySections(javaScript: string, isMinified: (file: string) => boolean): Promise<string> {
  const [lists = ''] = /(?:^export \{[^}]*\};\n)*$/m.exec(javaScript) ?? [];
  const [head = '', ...sections] = javaScript.slice(0, javaScript.length - lists.length).split(SECTION);
  const short = sections.map(async (text, i) => {
    if (i % 2 === 0) return `// ${text}\n`;
    if (!isMinified(sections[i - 1] ?? '') || declaresByPattern(text)) return text;
    const imports = [...text.matchAll(IMPORT)].join('');
    return `${imports}${await mangled(text.replaceAll(IMPORT, ''), false)}\n`;
  });
  return head + (await Promise.all(short)).join('') + lists;
}

async function mangled(javaScript: string, toplevel: boolean): Promise<string> {
  const { code } = await mangle(withShortFields(javaScript), {
    module: true,
    compress: false,
    mangle: { toplevel, keep_fnames: true, keep_classnames: true },
    // One other character doubles the memory of the file's text in V8, and Node.js decodes the file more slowly.
    format: { asciiOnly: true },
  });
  return code;
}

/** True for `const { a } = …` at the top level. SWC shortens these names even without `toplevel`. */
function declaresByPattern(javaScript: string): boolean {
  const { statements } = ts.createSourceFile('source.js', javaScript, ts.ScriptTarget.Latest);
  const declarations = statements.flatMap((each) =>
    ts.isVariableStatement(each) ? [...each.declarationList.declarations] : [],
  );
  return declarations.some(({ name }) => !ts.isIdentifier(name));
}
