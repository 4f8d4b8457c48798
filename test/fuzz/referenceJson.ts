/** A value of JSON. Objects are maps, so no name is special. Numbers are of type `N`. */
export type ReferenceJson<N = number> =
  | null
  | boolean
  | N
  | string
  | readonly ReferenceJson<N>[]
  | ReadonlyMap<string, ReferenceJson<N>>;

/** A token after white space: a punctuator, a string, a number or a word. */
const TOKEN =
  // oxlint-disable-next-line no-control-regex -- JSON forbids control characters in strings.
  /[\t\n\r ]*([{}[\]:,]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

const WORDS = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/**
 * Parses JSON as RFC 8259 defines it. The last of several members with the same name counts. `JSON.parse` parses only
 * single strings here, because Node 24 and 26 read some names of objects with escapes wrongly.
 *
 * @param numberOf - converts the text of a number.
 * @throws SyntaxError if the text is not JSON.
 */
export function referenceJson(text: string): ReferenceJson;
export function referenceJson<N>(text: string, numberOf: (token: string) => N): ReferenceJson<N>;
export function referenceJson(text: string, numberOf: (token: string) => unknown = Number): ReferenceJson<unknown> {
  const tokens = tokensOf(text);
  let at = 0;

  const take = (): string => {
    const token = tokens[at++];
    if (token === undefined) throw new SyntaxError('the text ends within a value');
    return token;
  };
  const accept = (token: string): boolean => {
    const isNext = tokens[at] === token;
    if (isNext) at++;
    return isNext;
  };
  /** Parses the rest of a list to its closing bracket. */
  const list = (close: string, element: () => void): void => {
    if (accept(close)) return;
    do element();
    while (accept(','));
    if (take() !== close) throw new SyntaxError(`expected ${close}`);
  };
  const value = (): ReferenceJson<unknown> => {
    const token = take();
    if (token === '{') {
      const members = new Map<string, ReferenceJson<unknown>>();
      list('}', () => {
        const name = parseString(take());
        if (take() !== ':') throw new SyntaxError('expected a colon');
        members.set(name, value());
      });
      return members;
    }
    if (token === '[') {
      const elements: ReferenceJson<unknown>[] = [];
      list(']', () => elements.push(value()));
      return elements;
    }
    if (token.startsWith('"')) return parseString(token);
    const word = WORDS.get(token);
    if (word !== undefined) return word;
    if (!/\d$/.test(token)) throw new SyntaxError(`expected a value, found ${token}`);
    return numberOf(token);
  };

  const parsed = value();
  if (at < tokens.length) throw new SyntaxError('expected the end of the text');
  return parsed;
}

function parseString(token: string): string {
  if (!token.startsWith('"')) throw new SyntaxError(`expected a string, found ${token}`);
  return JSON.parse(token) as string;
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  const pattern = new RegExp(TOKEN);
  let end = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    tokens.push(match[1]!);
    end = pattern.lastIndex;
  }
  if (!/^[\t\n\r ]*$/.test(text.slice(end))) throw new SyntaxError(`expected a token at character ${end}`);
  return tokens;
}
