import type { Features } from '../../formats/example/features.js';
import { countOf } from '../../base/grouped.js';
import { quote } from '../../base/showValue.js';
import { JsonFeatures } from './jsonFeatures.js';
import { firstRemarks, MOSTLY, NINE_OF_TEN, shareOf } from './shares.js';
import { DataSketch, type SketchedRecords } from './sketch/dataSketch.js';
import { addJson } from './sketch/jsonSketch.js';
import { ValueCounts } from './valueCounts.js';

const TYPES = ['string', 'integer', 'number', 'boolean', 'null', 'array', 'object'] as const;
type JsonType = (typeof TYPES)[number];

const MAX_NAMES = 1000;

interface Field {
  readonly types: Set<JsonType>;
  /** Integers count as numbers. */
  readonly kinds: ValueCounts<JsonType>;
  integers: number;
  firstFraction: string | undefined;
  lines: number;
  lastLine: number;
  firstMissing: string | undefined;
}

export class JsonFields {
  readonly #fields = new Map<string, Field>();
  readonly #values = new ValueCounts<'objects' | 'arrays'>();
  readonly #features = new JsonFeatures();
  readonly #sketch = new DataSketch();
  /** The place of the first object, which lacks the fields that only later objects have. */
  #firstObject: string | undefined;
  #objects = 0;

  /** `place` names the line. */
  add(value: object, place: () => string): void {
    this.#values.add(Array.isArray(value) ? 'arrays' : 'objects', place);
    if (Array.isArray(value)) return;
    this.#objects++;
    this.#features.add(value);
    this.#firstObject ??= place();
    for (const name in value) this.#addValue(name, (value as Record<string, unknown>)[name], place);
    for (const field of this.#fields.values()) {
      if (field.lastLine !== this.#objects) field.firstMissing ??= place();
    }
  }

  /** Adds the values of an object to the statistics. */
  sketch(value: object): void {
    addJson(this.#sketch, value);
  }

  sketched(): SketchedRecords {
    return this.#sketch.sketched((name, { numbers, kinds }) => {
      return { name, type: kinds.number === 0 ? 'text' : numbers.areIntegers ? 'integer' : 'number' };
    });
  }

  /** Includes `missing` if some lines lack the field. */
  result(): Record<string, string[]> {
    return Object.fromEntries(
      [...this.#fields].map(([name, { types, lines }]) => {
        // `number` includes integers.
        const names: string[] = TYPES.filter((type) => types.has(type) && (type !== 'integer' || !types.has('number')));
        return [name, lines < this.#values.total ? [...names, 'missing'] : names];
      }),
    );
  }

  /** The argument of `decodeJson`. Undefined if many lines are not objects, or no field has values of one type. */
  get features(): { readonly features: Features } | undefined {
    const features = this.#features.result();
    return features && this.#objects > MOSTLY * this.#values.total ? { features } : undefined;
  }

  get remarks(): string[] {
    const odd = this.#values.oddOne(MOSTLY);
    const lines = odd ? [`${shareOf(odd.count, odd.total)} lines are ${odd.usual}; ${odd.place} is not`] : [];
    const fields = [...this.#fields].flatMap(([name, field]) => this.#remarksOn(`field ${quote(name)}`, field));
    const hidden = [...this.#features.hidden].map((name) => {
      const fact = `the proposal reads the field ${quote(name)}, and not the value inside an object with the same dotted name`;
      return `${fact}: rename one of them`;
    });
    return [...lines, ...firstRemarks(fields, 'fields'), ...firstRemarks(hidden, 'names')];
  }

  #addValue(name: string, value: unknown, place: () => string): void {
    let field = this.#fields.get(name);
    if (!field) {
      if (this.#fields.size === MAX_NAMES) return;
      field = newField(this.#objects > 1 ? this.#firstObject : undefined);
      this.#fields.set(name, field);
    }
    const type = typeOf(value);
    field.types.add(type);
    field.kinds.add(type === 'integer' ? 'number' : type, place);
    field.lines++;
    field.lastLine = this.#objects;
    if (type === 'integer') field.integers++;
    else if (type === 'number') field.firstFraction ??= `${place()} is ${String(value)}`;
  }

  #remarksOn(label: string, { kinds, integers, firstFraction, lines, firstMissing }: Field): string[] {
    const remarks: string[] = [];
    const odd = kinds.oddOne(MOSTLY);
    if (odd) {
      const share = `${shareOf(odd.count, odd.total)} values are of type ${odd.usual}`;
      remarks.push(`${label}: ${share}; ${odd.place} has ${odd.odd === 'null' ? 'null' : `type ${odd.odd}`}`);
    } else if (firstFraction !== undefined && integers >= NINE_OF_TEN * lines) {
      remarks.push(`${label}: ${shareOf(integers, lines)} values are integers; ${firstFraction}`);
    }
    if (firstMissing !== undefined && lines > MOSTLY * this.#objects) {
      remarks.push(`${label} is missing in ${countOf(this.#objects - lines, 'line')}, first in ${firstMissing}`);
    }
    return remarks;
  }
}

function newField(firstMissing: string | undefined): Field {
  return {
    types: new Set(),
    kinds: new ValueCounts(),
    integers: 0,
    firstFraction: undefined,
    lines: 0,
    lastLine: 0,
    firstMissing,
  };
}

function typeOf(value: unknown): JsonType {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : 'object';
}
