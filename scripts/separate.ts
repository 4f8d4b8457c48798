import ts from 'typescript';
import { edited, type Edit } from './edited.js';

/**
 * Separates what the bundler joins with commas when it shortens syntax: declarations, and the expressions of a statement.
 * So each begins a line of its own, where debuggers can stop.
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
    const keyword = statement.getText().slice(0, declarations[0]!.getStart() - statement.getStart());
    return between(declarations, keyword);
  }
  if (ts.isExpressionStatement(statement)) return between(operandsOf(statement.expression), '');
  const isExit = ts.isReturnStatement(statement) || ts.isThrowStatement(statement);
  const operands = isExit && statement.expression ? operandsOf(statement.expression) : [];
  const [first, last] = [operands[0], operands.at(-1)];
  if (!first || !last || first === last) return [];
  const keyword = statement.getText().slice(0, first.getStart() - statement.getStart());
  const edits = between(operands, '');
  return [
    { start: statement.getStart(), end: first.getStart(), text: '' },
    ...edits.slice(0, -1),
    { ...edits.at(-1)!, text: `;\n${keyword}` },
  ];
}

/** Replaces the commas between nodes. */
function between(nodes: readonly ts.Node[], keyword: string): Edit[] {
  return nodes.slice(1).map((node, i) => ({ start: nodes[i]!.end, end: node.getStart(), text: `;\n${keyword}` }));
}

/** The operands of comma operators, which are not in parentheses. */
function operandsOf(expression: ts.Expression): ts.Expression[] {
  const isComma =
    ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.CommaToken;
  return isComma ? [...operandsOf(expression.left), expression.right] : [expression];
}
