import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import tsBlankSpace from 'ts-blank-space';
import ts from 'typescript';

/**
 * Writes the JavaScript of the given folders (default: the package's folders) to `dist`. Types and comments are
 * replaced by spaces, so lines and columns do not change, and debuggers and stack traces need no source maps.
 *
 * The package contains each line of code only once. The compiler writes only the declarations, which contain the
 * docstrings.
 */
const folders = argv.length > 2 ? argv.slice(2) : ['src', 'operators'];
for (const folder of folders) {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ts')) erase(join(folder, file));
    else if (file.endsWith('.js')) write(join('dist', folder, file), readFileSync(join(folder, file), 'utf8'));
  }
}

function erase(file: string): void {
  const source = readFileSync(file, 'utf8');
  const javaScript = tsBlankSpace(source, (node) => {
    throw new Error(`${file}: types cannot be erased from this: ${node.getText()}`);
  });
  const parts: string[] = [];
  let position = 0;
  for (const { pos, end } of commentsOf(source)) {
    parts.push(javaScript.slice(position, pos), javaScript.slice(pos, end).replaceAll(/[^\n]/g, ' '));
    position = end;
  }
  parts.push(javaScript.slice(position));
  const compiled = parts
    .join('')
    // Also for a module that is started by its URL, such as that of a worker.
    .replaceAll(/(new URL\('\.[^']*)\.ts(', import\.meta\.url\))/g, '$1.js$2')
    // Removing white space at the end of a line does not move code.
    .replaceAll(/[ \t]+$/gm, '');
  write(join('dist', file.replace(/\.ts$/, '.js')), compiled);
}

function commentsOf(source: string): ts.CommentRange[] {
  const ranges = new Map<number, ts.CommentRange>();
  const tree = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    const found = [
      ...(ts.getLeadingCommentRanges(source, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(source, node.end) ?? []),
    ];
    for (const range of found) ranges.set(range.pos, range);
    for (const child of node.getChildren(tree)) if (!ts.isJSDoc(child)) visit(child);
  };
  visit(tree);
  return [...ranges.values()].sort((left, right) => left.pos - right.pos);
}

/** Another process may be reading the file, so it is written only if it changes. */
function write(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
