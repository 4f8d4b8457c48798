import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

/** Returns the types, classes, functions and constants that a file declares and exports. Ignores re-exports. */
function exportedNames(text: string): string[] {
  const { statements } = ts.createSourceFile('some.ts', text, ts.ScriptTarget.Latest);
  return statements.flatMap((statement) => {
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(namesOf);
    return 'name' in statement && statement.name ? namesOf(statement as unknown as ts.NamedDeclaration) : [];
  });
}

function namesOf({ name }: ts.NamedDeclaration): string[] {
  if (!name) return [];
  if (ts.isIdentifier(name)) return [name.text];
  throw new Error(`a kind of exported name that this test does not know: ${ts.SyntaxKind[name.kind]}`);
}

/** Finds names that several files export. */
function sharedNames(texts: ReadonlyMap<string, string>): string[] {
  const filesOf = new Map<string, string[]>();
  for (const [file, text] of texts) {
    // A function with overloads has several declarations.
    for (const name of new Set(exportedNames(text))) filesOf.set(name, [...(filesOf.get(name) ?? []), file]);
  }
  return Array.from(filesOf)
    .filter(([, files]) => files.length > 1)
    .map(([name, files]) => `${name}: ${files.join(', ')}`);
}

describe('an exported name', () => {
  it('belongs to one module', () => {
    const files = ['src', 'operators'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(folder, file)),
    );
    expect(files.length).toBeGreaterThan(300);
    expect(sharedNames(new Map(files.map((file) => [file, readFileSync(file, 'utf8')])))).toEqual([]);
  });

  it.each([
    ['an interface and a type', 'export interface Thing {}', 'export type Thing = number;'],
    ['a class and a constant', 'export class Thing {}', 'const other = 1; export const more = 2, Thing = 3;'],
    ['two functions', 'export function Thing(): void {}', 'export async function Thing(): Promise<void> {}'],
  ])('is found in two modules: %s', (_what, one, other) => {
    const texts = new Map([
      ['one.ts', one],
      ['other.ts', other],
      ['index.ts', "export { Thing } from './one.js'; export type { Other as Thing } from './other.js';"],
      ['private.ts', 'const Thing = 1; interface more {}'],
    ]);
    expect(sharedNames(texts)).toEqual(['Thing: one.ts, other.ts']);
  });
});
