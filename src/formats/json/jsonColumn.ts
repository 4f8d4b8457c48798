import { allocate, sizeOfShape, uncheckedArray, type DataOf, type DType } from '../../arrays/ndarray.js';
import { copyElements, type Elements } from '../../arrays/copyElements.js';
import { quote, quoteNames } from '../../base/showValue.js';
import type { ColumnValue } from '../example/column.js';
import { defaultOf } from '../example/createColumn.js';
import { REQUIRED_REMEDY } from '../example/missingText.js';
import { sparseOf } from '../example/varLenColumn.js';
import { elementType, remedyOfElement, showElement, type ElementType, type JsonFeature } from './jsonElement.js';

export interface JsonRow {
  readonly object: object;
  /** True if long integers are marked strings. */
  readonly isExact: boolean;
  /** Set to true if a number was rounded, so that the caller must read the row again, with `isExact`. */
  isRounded: boolean;
  readonly fail: (message: string) => never;
}

const ANY_LENGTH = -1;

export class JsonColumn {
  readonly #name: string;
  readonly #keys: readonly string[];
  readonly #feature: JsonFeature;
  readonly #type: ElementType;
  readonly #shape: readonly number[];
  /** The lengths of the nested arrays. */
  readonly #lengths: readonly number[];
  readonly #size: number;
  readonly #default: DataOf[DType] | undefined;
  /** For `fixedLen` and for bytes, the data of the result. For other features, an array that grows. */
  #data: Elements = [];
  #rowSplits = new Int32Array(1);
  #at = 0;
  /** The indices of the next element in the nested arrays. */
  readonly #indices: number[] = [];

  /** @throws ConfigError if the default of the feature does not fit its dtype and shape. */
  constructor(name: string, feature: JsonFeature) {
    this.#name = name;
    this.#keys = name.split('.');
    this.#feature = feature;
    this.#type = elementType(feature);
    this.#shape = 'shape' in feature ? feature.shape : [];
    this.#lengths = feature.kind === 'fixedLen' ? this.#shape : [ANY_LENGTH, ...this.#shape];
    this.#size = sizeOfShape(this.#shape);
    this.#default = 'shape' in feature ? defaultOf(name, feature) : undefined;
  }

  begin(rows: number): void {
    const { dtype } = this.#type;
    this.#rowSplits = new Int32Array(rows + 1);
    const isTyped = this.#feature.kind === 'fixedLen' && dtype !== 'bytes';
    this.#data = isTyped ? allocate(dtype, rows * this.#size) : [];
  }

  read(rowIndex: number, row: JsonRow): void {
    const value = valueAt(row.object, this.#name, this.#keys);
    this.#at = this.#rowSplits[rowIndex] as number;
    if (value === undefined || value === null) this.#fillMissing(value, row);
    else this.#fill(value, 0, row);
    this.#rowSplits[rowIndex + 1] = this.#at;
  }

  /** Returns the values of all rows. If `single` is true, returns the value of the only row, without a batch axis. */
  end(single: boolean): ColumnValue {
    const { dtype } = this.#type;
    const { kind } = this.#feature;
    const rowSplits = this.#rowSplits;
    const rows = rowSplits.length - 1;
    const data = this.#data;
    this.#data = [];
    if (kind === 'fixedLen')
      return uncheckedArray(dtype, single ? this.#shape : [rows, ...this.#shape], data as DataOf[typeof dtype]);
    const typed = dtype === 'bytes' ? (data as Uint8Array[]) : allocate(dtype, data.length);
    if (typed !== data) copyElements(data, typed, 0);
    if (kind === 'varLen') return sparseOf(dtype, { data: typed, rowSplits }, single);
    const values = uncheckedArray(dtype, [typed.length], typed);
    return single ? values : { values, rowSplits };
  }

  #fill(value: unknown, axis: number, row: JsonRow): void {
    const length = this.#lengths[axis];
    if (length === undefined) {
      const element = this.#type.read(value);
      if (element === undefined) this.#refuse(value, row);
      else this.#data[this.#at] = element;
      this.#at++;
    } else if (Array.isArray(value) && (value.length === length || length === ANY_LENGTH)) {
      for (let index = 0; index < value.length; index++) {
        this.#indices[axis] = index;
        this.#fill(value[index], axis + 1, row);
      }
    } else {
      const ofLength = length === ANY_LENGTH ? '' : ` of length ${length} (shape [${this.#shape.join(', ')}])`;
      const remedy = Array.isArray(value) ? ': correct the shape, or use varLen' : '';
      row.fail(`${this.#place(axis)}: expected an array${ofLength}, found ${showElement(value)}${remedy}`);
    }
  }

  #fillMissing(value: null | undefined, row: JsonRow): void {
    const isFixed = this.#feature.kind === 'fixedLen';
    if (!isFixed && this.#feature.allowMissing !== false) return;
    if (isFixed && this.#default) {
      copyElements(this.#default, this.#data, this.#at);
      this.#at += this.#size;
      return;
    }
    const remedy = isFixed ? 'if the feature may be missing, declare a default value or use varLen' : REQUIRED_REMEDY;
    const keys = quoteNames(Object.keys(row.object)) || 'no keys';
    const found = value === null ? 'the value is null' : `the record lacks this key, and contains ${keys}`;
    row.fail(`${this.#place(0)}: ${found}: ${remedy}`);
  }

  #refuse(value: unknown, row: JsonRow): void {
    if (!row.isExact && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      row.isRounded = true;
      return;
    }
    const found = showElement(value) + remedyOfElement(value, this.#type);
    row.fail(`${this.#place(this.#lengths.length)}: expected ${this.#type.expected}, found ${found}`);
  }

  #place(axis: number): string {
    const element = axis === 0 ? '' : `, element [${this.#indices.slice(0, axis).join(', ')}]`;
    return `feature ${quote(this.#name)}${element}`;
  }
}

function valueAt(object: object, name: string, keys: readonly string[]): unknown {
  if (Object.hasOwn(object, name)) return (object as Record<string, unknown>)[name];
  if (keys.length === 1) return undefined;
  let value: unknown = object;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
      return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
