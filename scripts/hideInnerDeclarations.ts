import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Removes from the package what users cannot import. The `.npmignore` files that this script writes into `dist` exclude
 * the declarations of internal modules, and JavaScript that is empty because its module contains only types. In the
 * remaining declarations, internal functions, constants and classes lose their docstrings, or are removed if no other
 * declaration needs them.
 */
const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
};

/** A declaration with its docstring. Its inner lines are indented. */
const VALUE =
  /(?:^\/\*\*(?:(?!\*\/)[^])*\*\/\n)?^export declare (?:abstract )?(?:function|const|class) (\w+)[^]*?[;}]\n(?![ }])/gm;
const DOCSTRING = /^ *\/\*\*[^]*?\*\/\n/gm;

const used = new Set<string>();
const entries = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [join(entry.types)]));
const waiting = [...entries];
for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
  if (used.has(file)) continue;
  used.add(file);
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
    /(?:from|import\(|import)\s*['"](\.[^'"]+)['"]/g,
  )) {
    const imported = join(dirname(file), specifier.replace(/\.js$/, '.d.ts'));
    if (existsSync(imported)) waiting.push(imported);
  }
}

const texts = new Map([...used].map((file) => [file, readFileSync(file, 'utf8')]));
const uses = new Map<string, number>();
for (const text of texts.values()) {
  for (const [word] of text.matchAll(/\w+/g)) uses.set(word, (uses.get(word) ?? 0) + 1);
}
const reExports = entries.map((file) => texts.get(file) ?? '').join('');
const isExported = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(reExports);
for (const [file, text] of texts) {
  const needed = text.replaceAll(VALUE, (declaration, name: string) => {
    if (isExported(name)) return declaration;
    return uses.get(name) === 1 ? '' : declaration.replaceAll(DOCSTRING, '');
  });
  if (needed !== text) writeFileSync(file, needed);
}

for (const folder of ['dist/src', 'dist/operators']) {
  const unused = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => (file.endsWith('.d.ts') ? !used.has(file) : isEmpty(file)))
    .map((file) => `/${relative(folder, file)}\n`);
  writeFileSync(join(folder, '.npmignore'), unused.sort().join(''));
}

function isEmpty(file: string): boolean {
  return file.endsWith('.js') && readFileSync(file, 'utf8').trim() === '';
}
