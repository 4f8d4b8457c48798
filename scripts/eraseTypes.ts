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
  const parts: string[] = [];
  let position = 0;
  const tree = compiler.createSourceFile('source.ts', source, compiler.ScriptTarget.Latest, true);
  for (const { pos, end } of commentsOf(tree, compiler)) {
    parts.push(withoutBlanked(source, javaScript, position, pos), source.slice(pos, end).replaceAll(/[^\n]/g, ''));
    position = end;
  }
  parts.push(withoutBlanked(source, javaScript, position, source.length));
  const compiled = parts
    .join('')
    // Imports already end in `.js`, but the URL of a module ends in `.ts`, for example of a worker.
    .replaceAll(/(new URL\('\.[^']*)\.ts(', import\.meta\.url\))/g, '$1.js$2')
    // Closes the gaps of erased types in imports.
    .replaceAll(/^import \{[^}]*\}/gm, (names) => names.replaceAll(/ {2,}/g, ' ').replace(/, \}$/, ' }'))
    .replaceAll(/[ \t]+$/gm, '');
  write(target, halveIndentation(compiled, linesOfTemplates(tree, compiler)));
  marks[file] = markOf(source, readFileSync(target, 'utf8'));
}

/** Both texts have the same length: the eraser replaces each character of a type by a space. */
function withoutBlanked(source: string, javaScript: string, start: number, end: number): string {
  let kept = '';
  for (let index = start; index < end; index++) {
    const character = javaScript.charAt(index);
    if (character !== ' ' || source[index] === ' ') kept += character;
  }
  return kept;
}

function markOf(source: string, compiled: string): string {
  return digestOf([maker, source, compiled]);
}

function digestOf(texts: readonly string[]): string {
  const hash = createHash('sha1');
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest('base64');
}

/** One space for each level makes the package about 3 kB smaller. */
function halveIndentation(javaScript: string, isKept: ReadonlySet<number>): string {
  const lines = javaScript.split('\n');
  return lines
    .map((line, row) => (isKept.has(row) ? line : line.replace(/^ +/, (blank) => ' '.repeat(blank.length / 2))))
    .join('\n');
}

/** Returns the lines that begin inside a template literal, where spaces are part of the text. */
function linesOfTemplates(tree: ts.SourceFile, compiler: typeof ts): ReadonlySet<number> {
  const lines = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (compiler.isTemplateLiteralToken(node)) {
      const rowOf = (position: number): number => tree.getLineAndCharacterOfPosition(position).line;
      for (let row = rowOf(node.getStart(tree)) + 1; row <= rowOf(node.end); row++) lines.add(row);
    }
    compiler.forEachChild(node, visit);
  };
  visit(tree);
  return lines;
}

function commentsOf(tree: ts.SourceFile, compiler: typeof ts): ts.CommentRange[] {
  const source = tree.text;
  const ranges = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    const found = [
      ...(compiler.getLeadingCommentRanges(source, node.pos) ?? []),
      ...(compiler.getTrailingCommentRanges(source, node.end) ?? []),
    ];
    for (const range of found) ranges.set(range.pos, range);
    for (const child of node.getChildren(tree)) if (!compiler.isJSDoc(child)) visit(child);
  };
  visit(tree);
  return [...ranges.values()].sort((left, right) => left.pos - right.pos);
}

/** Writes only a change, because another process may be reading the file. */
function write(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
