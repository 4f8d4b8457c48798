import ts from 'typescript';
import { edited, type Edit } from './edited.js';

/**
 * Separates declarations and expressions that the bundler has joined with commas. So each begins a separate line, where
 * debuggers can stop.
 */
export function separate(javaScript: string): string {
  const tree = ts.createSourceFile('source.js', javaScript, ts.ScriptTarget.Latest, true);
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStatement(node) && isInList(node)) edits.push(...editsOf(node));
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return edited(javaScript, edits);
}

function isInList({ parent }: ts.Statement): boolean {
  return ts.isSourceFile(parent) || ts.isBlock(parent) || ts.isCaseOrDefaultClause(parent);
}

function editsOf(statement: ts.Statement): Edit[] {
  if (ts.isVariableStatement(statement)) {
    const { declarations } = statement.declarationList;
    return between(declarations, wordsBefore(declarations, statement));
  }
  if (ts.isExpressionStatement(statement)) return between(operandsOf(statement.expression), '');
  const isExit = ts.isReturnStatement(statement) || ts.isThrowStatement(statement);
  const operands = isExit && statement.expression ? operandsOf(statement.expression) : [];
  const keyword = wordsBefore(operands, statement);
  const edits = between(operands, '').map((edit, i) =>
    i === operands.length - 2 ? { ...edit, text: edit.text + keyword } : edit,
  );
  const start = statement.getStart();
  return edits.length === 0 ? [] : [{ start, end: start + keyword.length, text: '' }, ...edits];
}

/** The text of a statement before its first part, for example `return `. */
function wordsBefore([first]: readonly ts.Node[], statement: ts.Statement): string {
  return first ? statement.getText().slice(0, first.getStart() - statement.getStart()) : '';
}

/** Replaces the commas between nodes by a semicolon and a keyword. */
function between(nodes: readonly ts.Node[], keyword: string): Edit[] {
  return nodes.flatMap((node, i) => {
    const next = nodes[i + 1];
    return next ? [{ start: node.end, end: next.getStart(), text: `;\n${keyword}` }] : [];
  });
}

/** The operands of comma operators, which are not in parentheses. */
function operandsOf(expression: ts.Expression): ts.Expression[] {
  const isComma = ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.CommaToken;
  return isComma ? [...operandsOf(expression.left), expression.right] : [expression];
}
