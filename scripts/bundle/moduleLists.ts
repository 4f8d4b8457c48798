import ts from 'typescript';
import { edited, type Edit } from './edited.js';

/**
 * Shortens the lists of imports and exports that the bundler writes. Declarations are exported in place, imports that
 * are only exported become re-exports, and each package is imported once.
 */
export function shortenModuleLists(javaScript: string): string {
  return withOneImport(withExportsInPlace(javaScript));
}

function withExportsInPlace(javaScript: string): string {
  const tree = parse(javaScript);
  const uses = usesOf(tree);
  const declared = new Map(tree.statements.flatMap((statement) => namesOf(statement).map((name) => [name, statement])));
  const sources = new Map(namedImports(tree).flatMap(([node, names]) => names.map((each) => [each.name.text, node])));
  const edits: Edit[] = [];
  const moved = new Set<string>();
  const reexports = new Map<string, string[]>();
  for (const list of tree.statements.filter((each) => ts.isExportDeclaration(each))) {
    if (list.moduleSpecifier || !list.exportClause || !ts.isNamedExports(list.exportClause)) continue;
    const kept = list.exportClause.elements.filter(({ name, propertyName }) => {
      const statement = propertyName ? undefined : declared.get(name.text);
      const source = propertyName ? undefined : sources.get(name.text);
      if (statement) edits.push({ start: statement.getStart(tree), end: statement.getStart(tree), text: 'export ' });
      else if (source && uses.get(name.text) === undefined) {
        const from = source.moduleSpecifier.getText(tree);
        reexports.set(from, [...(reexports.get(from) ?? []), name.text]);
        moved.add(name.text);
      } else return true;
      return false;
    });
    edits.push({ start: list.getStart(tree), end: list.end, text: listOf('export', kept) });
  }
  for (const [node, names] of namedImports(tree)) {
    const kept = names.filter(({ name }) => !moved.has(name.text));
    const from = node.moduleSpecifier.getText(tree);
    const again = reexports.get(from);
    reexports.delete(from);
    if (!again) continue;
    const text = `export { ${again.join(', ')} } from ${from};`;
    edits.push({ start: node.getStart(tree), end: node.end, text: `${listOf('import', kept, from)}${text}` });
  }
  return edited(javaScript, edits);
}

/** The bundler imports a package once for each source file, under numbered names such as `join2`. */
function withOneImport(javaScript: string): string {
  const tree = parse(javaScript);
  const declared = declaredNames(tree);
  const first = new Map<string, ts.ImportSpecifier[]>();
  const renamed = new Map<string, string>();
  for (const [node, names] of namedImports(tree)) {
    const from = node.moduleSpecifier.getText(tree);
    const before = first.get(from) ?? [];
    first.set(from, before);
    for (const each of names) {
      const same = before.find((other) => importedName(other) === importedName(each));
      const isFree = [same, each].every((one) => one && declared.get(one.name.text) === 1);
      if (same && isFree) renamed.set(each.name.text, same.name.text);
      else before.push(each);
    }
  }
  const edits: Edit[] = [];
  for (const [node] of namedImports(tree)) {
    const from = node.moduleSpecifier.getText(tree);
    const names = first.get(from) ?? [];
    first.delete(from);
    edits.push({ start: node.getStart(tree), end: node.end, text: listOf('import', names, from) });
  }
  forEachUse(tree, (node) => {
    const text = renamed.get(node.text);
    if (text === undefined) return;
    const isShorthand = ts.isShorthandPropertyAssignment(node.parent);
    edits.push({ start: node.getStart(tree), end: node.end, text: isShorthand ? `${node.text}: ${text}` : text });
  });
  return edited(javaScript, edits);
}

function parse(javaScript: string): ts.SourceFile {
  return ts.createSourceFile('source.js', javaScript, ts.ScriptTarget.Latest, true);
}

function listOf(keyword: string, names: readonly ts.ImportOrExportSpecifier[], from?: string): string {
  if (names.length === 0) return '';
  const list = names.map((each) => each.getText()).join(', ');
  return `${keyword} { ${list} }${from === undefined ? '' : ` from ${from}`};\n`;
}

/** The imports that have only names in braces. */
function namedImports(tree: ts.SourceFile): [ts.ImportDeclaration, readonly ts.ImportSpecifier[]][] {
  return tree.statements.flatMap((node): [ts.ImportDeclaration, readonly ts.ImportSpecifier[]][] => {
    if (!ts.isImportDeclaration(node) || node.importClause?.name) return [];
    const namedBindings = node.importClause?.namedBindings;
    return namedBindings && ts.isNamedImports(namedBindings) ? [[node, namedBindings.elements]] : [];
  });
}

function importedName({ name, propertyName }: ts.ImportSpecifier): string {
  return (propertyName ?? name).text;
}

/** The name that a statement declares, if it declares only one name. */
function namesOf(statement: ts.Statement): string[] {
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))
    return statement.name ? [statement.name.text] : [];
  if (!ts.isVariableStatement(statement)) return [];
  const [{ name } = {}, ...others] = statement.declarationList.declarations;
  return name && ts.isIdentifier(name) && others.length === 0 ? [name.text] : [];
}

/** How often each name is declared in the file, also in functions. */
function declaredNames(tree: ts.SourceFile): Map<string, number> {
  const counts = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    const name = 'name' in node ? (node.name as ts.Node | undefined) : undefined;
    const isBinding = !ts.isPropertyAccessExpression(node) && !ts.isExportSpecifier(node);
    if (isBinding && name && ts.isIdentifier(name) && isVariable(node))
      counts.set(name.text, (counts.get(name.text) ?? 0) + 1);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return counts;
}

function isVariable(node: ts.Node): boolean {
  return (
    ts.isVariableDeclaration(node) ||
    ts.isBindingElement(node) ||
    ts.isParameter(node) ||
    ts.isFunctionLike(node) ||
    ts.isClassLike(node) ||
    ts.isImportSpecifier(node) ||
    ts.isImportClause(node) ||
    ts.isNamespaceImport(node)
  );
}

function usesOf(tree: ts.SourceFile): Map<string, number> {
  const uses = new Map<string, number>();
  forEachUse(tree, ({ text }) => void uses.set(text, (uses.get(text) ?? 0) + 1));
  return uses;
}

/** Calls `visit` with the identifiers that may refer to an import. */
function forEachUse(tree: ts.SourceFile, visit: (node: ts.Identifier) => void): void {
  const walk = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isIdentifier(node) && !isPropertyName(node)) visit(node);
    ts.forEachChild(node, walk);
  };
  walk(tree);
}

function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  return (
    (ts.isPropertyAssignment(parent) || ts.isClassElement(parent) || ts.isMethodDeclaration(parent)) &&
    parent.name === node
  );
}
