/** Servers may send some pages without entries, for example after many objects were removed. */
const MAX_EMPTY_PAGES = 1000;

const REMEMBERED_ENTRIES = 10_000;

/**
 * Refuses a listing that repeats entries or never ends. Some servers do not sort the entries, so the order does not
 * show a repetition. To limit the memory, the guard remembers the last 10,000 to 20,000 entries and the first of each
 * page.
 */
export class ListingGuard {
  readonly #incorrect: (finding: string) => Error;
  readonly #tokenName: string;
  readonly #tokens = new Set<string>();
  readonly #firstOfPages = new Set<string>();
  #recent = new Set<string>();
  #older = new Set<string>();
  #isPageEmpty = true;
  #emptyPages = 0;

  /** @param tokenName - the name of the field that leads to the next page. */
  constructor(tokenName: string, incorrect: (finding: string) => Error) {
    this.#tokenName = tokenName;
    this.#incorrect = incorrect;
  }

  /** @param entry - the entry in words, such as `the key "a"`. */
  add(entry: string): void {
    if ([this.#recent, this.#older, this.#firstOfPages].some((entries) => entries.has(entry)))
      throw this.#incorrect(`with ${entry} twice`);
    if (this.#isPageEmpty) this.#firstOfPages.add(entry);
    this.#isPageEmpty = false;
    this.#recent.add(entry);
    if (this.#recent.size < REMEMBERED_ENTRIES) return;
    this.#older = this.#recent;
    this.#recent = new Set();
  }

  /** @param token - leads to the next page. */
  requireNewToken(token: string | undefined): void {
    if (token === undefined) throw this.#incorrect(`with IsTruncated, but without a ${this.#tokenName}`);
    if (this.#tokens.has(token)) throw this.#incorrect(`with the ${this.#tokenName} of an earlier page`);
    this.#tokens.add(token);
    this.#emptyPages = this.#isPageEmpty ? this.#emptyPages + 1 : 0;
    this.#isPageEmpty = true;
    if (this.#emptyPages > MAX_EMPTY_PAGES)
      throw this.#incorrect(`with more than ${MAX_EMPTY_PAGES} consecutive pages without an entry`);
  }
}
