import { lineAndColumn } from './jsonFault.js';
import { jsonTokens } from './jsonTokens.js';
import { quote } from './showValue.js';

/**
 * Finds the first key that an object contains twice. `JSON.parse` silently uses the last value.
 *
 * @param text - a text that `JSON.parse` accepts.
 * @returns `line 3, column 5: the key "a" is used twice; …`.
 */
export function repeatedKey(text: string): string | undefined {
  // The keys of each open object, with their indices. Arrays have no keys.
  const open: (Map<string, number> | undefined)[] = [];
  let isKeyNext = false;
  for (const { token, index } of jsonTokens(text)) {
    const keys = open.at(-1);
    if (isKeyNext && keys && token.startsWith('"')) {
      const key = JSON.parse(token) as string;
      const first = keys.get(key);
      if (first !== undefined) return faultOf(text, key, [first, index]);
      keys.set(key, index);
    }
    if (token === '{') open.push(new Map());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    isKeyNext = token === '{' || token === ',';
  }
  return undefined;
}

function faultOf(text: string, key: string, [first, second]: readonly [number, number]): string {
  const [before, here] = [lineAndColumn(text, first), lineAndColumn(text, second)];
  return (
    `line ${here.line}, column ${here.column}: the key ${quote(key)} is used twice; ` +
    `the first use is in line ${before.line}, column ${before.column}: remove or rename one of the two`
  );
}
