import ts from 'typescript';

/**
 * Removes the spaces, line breaks and semicolons that JavaScript does not need, and comments. Each statement and each
 * member of a class begins a line, so debuggers can stop there, and stack traces contain this line. Comments with the
 * source file of the next statements become comments with the folder of this file.
 */
export function compact(javaScript: string): string {
  const tree = ts.createSourceFile('source.js', javaScript, ts.ScriptTarget.Latest, true);
  const starts = startsOf(tree);
  let compacted = /^#!.*/.exec(javaScript)?.[0] ?? '';
  let before: ts.Node | undefined;
  let [folder, named] = ['', ''];
  for (const token of tokensOf(tree)) {
    const text = token.getText(tree);
    const last = before?.getText(tree) ?? '';
    const statement = starts.get(token.getStart(tree));
    if (before && isOptionalSemicolon(before) && (text === '}' || (statement && canBegin(text, before.parent))))
      compacted = compacted.slice(0, -1);
    if (statement) {
      if (compacted !== '') compacted += '\n';
      folder = folderOf(statement, tree) ?? folder;
      if (folder !== named && !ts.isImportDeclaration(statement)) {
        compacted += `// ${folder}\n`;
        named = folder;
      }
    } else if (needsSpace(last, text)) compacted += ' ';
    compacted += text;
    before = token;
  }
  return `${compacted}\n`;
}

/** The statements, members of classes and cases of switches, by their start positions. */
function startsOf(tree: ts.SourceFile): Map<number, ts.Node> {
  const starts = new Map<number, ts.Node>();
  const visit = (node: ts.Node): void => {
    if (ts.isStatement(node) ? isInList(node) : ts.isClassElement(node) || ts.isCaseOrDefaultClause(node))
      starts.set(node.getStart(tree), node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return starts;
}

/** False for blocks of functions, and for statements like `return` in `if (isOver) return`. */
function isInList({ parent }: ts.Statement): boolean {
  return ts.isSourceFile(parent) || ts.isBlock(parent) || ts.isCaseOrDefaultClause(parent);
}

function tokensOf(node: ts.Node): ts.Node[] {
  if (ts.isJSDoc(node)) return [];
  const children = node.getChildren();
  if (children.length > 0) return children.flatMap((child) => tokensOf(child));
  return node.getStart() < node.end ? [node] : [];
}

function isOptionalSemicolon({ kind, parent }: ts.Node): boolean {
  return kind === ts.SyntaxKind.SemicolonToken && !ts.isEmptyStatement(parent) && !ts.isForStatement(parent);
}

/** True if a token can begin a line after a statement or field without a semicolon. */
function canBegin(token: string, before: ts.Node): boolean {
  // A field `get` without a value would become a getter.
  if (ts.isPropertyDeclaration(before) && !before.initializer && !ts.isPrivateIdentifier(before.name)) return false;
  return /^[\w$#@]/.test(token) && !/^(in|instanceof)$/.test(token);
}

/**
 * The bundler writes a comment like `// src/base/errors.ts` before the imports and the code of each file. A file has
 * the name of its main export. So the folder is enough to find the file.
 */
function folderOf(statement: ts.Node, tree: ts.SourceFile): string | undefined {
  const blank = tree.text.slice(statement.getFullStart(), statement.getStart(tree));
  return [...blank.matchAll(/^\/\/ ([\w/.-]+)\/[\w.-]+\.[jt]s$/gm)].at(-1)?.[1];
}

/** Without a space, two words or two operators would become one, and `1 .a` would become a fraction. */
function needsSpace(before: string, token: string): boolean {
  const [last = '', next = ''] = [before.at(-1), token.at(0)];
  if (/[\w$]/.test(last)) return /[\w$#\\]/.test(next) || (/^\d+$/.test(before) && next === '.');
  return /[-+/]/.test(last) && next === last;
}
