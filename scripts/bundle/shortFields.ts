import ts from 'typescript';
import { edited } from './edited.js';

/** Shortens the names of private fields. Private methods keep their names, which stack traces contain. */
export function withShortFields(javaScript: string): string {
  const tree = ts.createSourceFile('source.js', javaScript, ts.ScriptTarget.Latest, true);
  const uses: ts.PrivateIdentifier[] = [];
  const kept = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPrivateIdentifier(node)) uses.push(node);
    if (ts.isPrivateIdentifier(node) && ts.isClassElement(node.parent) && !ts.isPropertyDeclaration(node.parent))
      kept.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  const long = [...new Set(uses.map(({ text }) => text))].filter((name) => !kept.has(name));
  const names = new Map(freeNames(kept, long.length).map((name, i) => [long[i], name]));
  return edited(
    javaScript,
    uses.map((node) => ({ start: node.getStart(tree), end: node.end, text: names.get(node.text) ?? node.text })),
  );
}

/** `#a`, `#b`, and so on, without the names that are used already. */
function freeNames(used: ReadonlySet<string>, count: number): string[] {
  const names: string[] = [];
  for (let i = 0; names.length < count; i++) {
    const name = `#${String.fromCharCode(97 + (i % 26))}${i < 26 ? '' : Math.floor(i / 26)}`;
    if (!used.has(name)) names.push(name);
  }
  return names;
}
