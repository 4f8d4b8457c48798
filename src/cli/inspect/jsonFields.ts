/* Each bit is a type that a field has in at least one line. */
const TYPES = ['string', 'integer', 'number', 'boolean', 'null', 'array', 'object'] as const;
const [STRING, INTEGER, NUMBER, BOOLEAN, NULL, ARRAY, OBJECT] = TYPES.map((_, bit) => 1 << bit) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const MAX_NAMES = 1000;

interface Field {
  types: number;
  lines: number;
}

/** Collects the fields of the objects in JSON lines, and the types of their values. */
export class JsonFields {
  readonly #fields = new Map<string, Field>();
  #lines = 0;

  /** Adds the value of the next line: an object or an array. */
  add(value: object): void {
    this.#lines++;
    if (Array.isArray(value)) return;
    for (const name in value) {
      const field = this.#fields.get(name);
      const type = typeOf((value as Record<string, unknown>)[name]);
      if (field) {
        field.types |= type;
        field.lines++;
      } else if (this.#fields.size < MAX_NAMES) this.#fields.set(name, { types: type, lines: 1 });
    }
  }

  /** Returns the types of each field. They include `missing` if some lines do not have the field. */
  result(): Record<string, string[]> {
    return Object.fromEntries(
      [...this.#fields].map(([name, { types, lines }]) => {
        const names: string[] = TYPES.filter((_, bit) => (types & (1 << bit)) !== 0);
        // Integers are numbers, so `number` covers a field with both.
        const merged = (types & NUMBER) === 0 ? names : names.filter((type) => type !== 'integer');
        return [name, lines < this.#lines ? [...merged, 'missing'] : merged];
      }),
    );
  }
}

function typeOf(value: unknown): number {
  if (typeof value === 'string') return STRING;
  if (typeof value === 'number') return Number.isInteger(value) ? INTEGER : NUMBER;
  if (typeof value === 'boolean') return BOOLEAN;
  if (value === null) return NULL;
  return Array.isArray(value) ? ARRAY : OBJECT;
}
