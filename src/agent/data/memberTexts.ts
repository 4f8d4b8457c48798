/** The opening quote of a string, a punctuator, or a number or word. */
const TOKEN = /["[\]{}:,]|[^\s"[\]{}:,]+/g;

/**
 * Returns each member of a JSON object as its unparsed text. `JSON.parse` turns `1.0` into 1 and rounds long integers. In
 * Node 24 and 26, it also reads some names with escapes wrongly, but never a single string.
 *
 * @param json - an object that `JSON.parse` accepts. The last member of a name counts, as in `JSON.parse`.
 */
export function memberTexts(json: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  let depth = 0;
  let name: string | undefined;
  let start = 0;
  for (const { token, index } of tokensOf(json)) {
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

function* tokensOf(json: string): Generator<{ readonly token: string; readonly index: number }, void, undefined> {
  const pattern = new RegExp(TOKEN);
  for (let match = pattern.exec(json); match; match = pattern.exec(json)) {
    const { 0: found, index } = match;
    if (found === '"') pattern.lastIndex = endOfString(json, index);
    yield { token: json.slice(index, pattern.lastIndex), index };
  }
}

/** A loop, because a regular expression could need stack for each of millions of escapes. */
function endOfString(json: string, start: number): number {
  let at = json.indexOf('"', start + 1);
  while (isEscaped(json, at)) at = json.indexOf('"', at + 1);
  return at + 1;
}

/** Whether an odd number of backslashes precedes a character. */
function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json[first - 1] === '\\') first--;
  return (at - first) % 2 === 1;
}
