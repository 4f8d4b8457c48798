import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import type ts from 'typescript';

/** For each source, a digest of the source, its JavaScript and the tools. */
const MARKS = 'dist/.erased.json';

/**
 * Writes the JavaScript of the given folders (default: the package's folders) to `dist`, without types and comments. Each
 * line keeps its number, so debuggers and stack traces need no source maps.
 *
 * The compiler writes the declarations, with the docstrings. So the package contains each docstring and each line of
 * code once.
 */
const folders = argv.length > 2 ? argv.slice(2) : ['src', 'operators'];
const marks = existsSync(MARKS) ? (JSON.parse(readFileSync(MARKS, 'utf8')) as Record<string, string>) : {};
const maker = digestOf([fileURLToPath(import.meta.url), 'package-lock.json'].map((file) => readFileSync(file, 'utf8')));
for (const folder of folders) {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ts')) await erase(join(folder, file));
    else if (file.endsWith('.js')) write(join('dist', folder, file), readFileSync(join(folder, file), 'utf8'));
  }
}
write(MARKS, JSON.stringify(marks));

async function erase(file: string): Promise<void> {
  const source = readFileSync(file, 'utf8');
  const target = join('dist', file.replace(/\.ts$/, '.js'));
  if (existsSync(target) && marks[file] === markOf(source, readFileSync(target, 'utf8'))) return;
  // Loaded only if needed, because loading takes most of the time.
  const { default: compiler } = await import('typescript');
  const { default: tsBlankSpace } = await import('ts-blank-space');
  const javaScript = tsBlankSpace(source, (node) => {
    throw new Error(`${file}: the types of this code cannot be erased: ${node.getText()}`);
  });
  const compiled = compact(javaScript, compiler)
    // Imports already end in `.js`, but the URL of a module ends in `.ts`, for example of a worker.
    .replaceAll(/(new URL\('\.[^']*)\.ts(',import\.meta\.url\))/g, '$1.js$2');
  write(target, compiled);
  marks[file] = markOf(source, readFileSync(target, 'utf8'));
}

/**
 * Removes comments, and the spaces that JavaScript does not need. Each token stays on its line. The package becomes about
 * 21 kB smaller. Debuggers can indent the code.
 */
function compact(javaScript: string, compiler: typeof ts): string {
  const tree = compiler.createSourceFile('source.js', javaScript, compiler.ScriptTarget.Latest, true);
  const lineOf = (position: number): number => tree.getLineAndCharacterOfPosition(position).line;
  let compacted = /^#!.*/.exec(javaScript)?.[0] ?? '';
  let line = 0;
  let before = compacted;
  for (const token of tokensOf(tree, compiler)) {
    const start = token.getStart(tree);
    const row = lineOf(start);
    const text = javaScript.slice(start, token.end);
    if (row > line) compacted += '\n'.repeat(row - line);
    else if (needsSpace(before, text)) compacted += ' ';
    compacted += text;
    before = text;
    line = lineOf(token.end);
  }
  return compacted + '\n'.repeat(lineOf(javaScript.length) - line);
}

function tokensOf(node: ts.Node, compiler: typeof ts): ts.Node[] {
  if (compiler.isJSDoc(node)) return [];
  const children = node.getChildren();
  if (children.length > 0) return children.flatMap((child) => tokensOf(child, compiler));
  return node.getStart() < node.end ? [node] : [];
}

/** Without a space, two words or two operators would become one, and `1 .a` a fraction. */
function needsSpace(before: string, token: string): boolean {
  const [last = '', next = ''] = [before.at(-1), token.at(0)];
  if (/[\w$]/.test(last)) return /[\w$#\\]/.test(next) || (/^\d+$/.test(before) && next === '.');
  return /[-+/]/.test(last) && next === last;
}

function markOf(source: string, compiled: string): string {
  return digestOf([maker, source, compiled]);
}

function digestOf(texts: readonly string[]): string {
  const hash = createHash('sha1');
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest('base64');
}

/** Writes only a change, because another process may be reading the file. */
function write(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
