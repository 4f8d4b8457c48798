/** The opening quote of a string, a punctuator, a number or a word. */
const TOKEN = /["[\]{}:,]|[^\s"[\]{}:,]+/g;

export interface JsonToken {
  readonly token: string;
  readonly index: number;
}

/** Yields the tokens of a text that `JSON.parse` accepts. A string is one token, with its quotes. */
export function* jsonTokens(json: string): Generator<JsonToken, void, undefined> {
  const pattern = new RegExp(TOKEN);
  for (let match = pattern.exec(json); match; match = pattern.exec(json)) {
    const { 0: found, index } = match;
    if (found === '"') pattern.lastIndex = endOfString(json, index);
    yield { token: json.slice(index, pattern.lastIndex), index };
  }
}

/**
 * Returns the end of a string, or 0 if the closing quote is missing. A regular expression could exhaust the stack at a
 * string with many escapes.
 */
export function endOfString(json: string, start: number): number {
  let at = json.indexOf('"', start + 1);
  while (isEscaped(json, at)) at = json.indexOf('"', at + 1);
  return at + 1;
}

function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json[first - 1] === '\\') first--;
  return (at - first) % 2 === 1;
}
