import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Writes `.npmignore` files into `dist` that exclude unused files from the package. A third of the declarations belong
 * to modules that users cannot import. The JavaScript of a module that contains only types is empty, and not imported.
 */
const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
};

const used = new Set<string>();
const waiting = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [join(entry.types)]));
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
