import { jsonTokens } from '../../base/jsonTokens.js';

/**
 * Returns the values of an object as unparsed text, because `JSON.parse` turns `1.0` into 1 and rounds long integers.
 * Parses each name alone, because `JSON.parse` in Node 24 and 26 reads some escaped names in objects wrongly.
 *
 * @param json - accepted by `JSON.parse`. Like `JSON.parse`, uses the last of several equal names.
 */
export function memberTexts(json: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  let depth = 0;
  let name: string | undefined;
  let start = 0;
  for (const { token, index } of jsonTokens(json)) {
    if (token === '}' || token === ']') depth--;
    if (name !== undefined && (depth === 0 || (depth === 1 && token === ','))) {
      texts.set(name, json.slice(start, index).trim());
      name = undefined;
    } else if (depth === 1 && name === undefined && token.startsWith('"')) {
      name = JSON.parse(token) as string;
      start = json.indexOf(':', index + token.length) + 1;
    }
    if (token === '{' || token === '[') depth++;
  }
  return texts;
}
