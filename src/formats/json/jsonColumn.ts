import { allocate, sizeOfShape, uncheckedArray, type DataOf, type DType } from '../../arrays/ndarray.js';
import { copyElements, type Elements } from '../../arrays/copyElements.js';
import { quote, quoteNames } from '../../base/showValue.js';
import type { ColumnValue } from '../example/column.js';
import { defaultOf } from '../example/createColumn.js';
import type { Feature } from '../example/features.js';
import { REQUIRED_REMEDY } from '../example/missingText.js';
import { rowLength } from '../example/raggedRows.js';
import { sparseOf } from '../example/varLenColumn.js';
import {
  elementReader,
  expectedElement,
  remedyOfElement,
  showElement,
  type ElementDType,
  type ReadElement,
} from './jsonElement.js';

export type JsonFeature = Exclude<Feature, { readonly kind: 'raw' | 'sparse' }>;

/** The object of one line. */
export interface JsonRow {
  readonly object: object;
  /** True if long integers are marked strings. */
  readonly isExact: boolean;
  /** Set to true if a number was rounded. The caller must then read the row again, with `isExact`. */
  isRounded: boolean;
  readonly fail: (message: string) => never;
}

export class JsonColumn {
  readonly #name: string;
  readonly #keys: readonly string[];
  readonly #feature: JsonFeature;
  readonly #dtype: ElementDType;
  readonly #isInteger: boolean;
  readonly #readElement: ReadElement;
  readonly #shape: readonly number[];
  readonly #size: number;
  /** The default value of a `fixedLen` feature, or the padding of a `fixedLenSequence`. */
  readonly #default: DataOf[DType] | undefined;
  /** For `fixedLen` and for bytes, the data of the result. Otherwise a growing array. */
  #data: Elements = [];
  #rowSplits = new Int32Array(1);
  #start = 0;
  #at = 0;

  /** @throws ConfigError if the default of the feature does not fit its dtype and shape. */
  constructor(name: string, feature: JsonFeature) {
    this.#name = name;
    this.#keys = name.split('.');
    this.#feature = feature;
    this.#dtype = feature.as ?? feature.dtype;
    this.#isInteger = feature.dtype === 'int64';
    this.#readElement = elementReader(this.#dtype, this.#isInteger);
    this.#shape = 'shape' in feature ? feature.shape : [];
    this.#size = sizeOfShape(this.#shape);
    this.#default = 'shape' in feature ? defaultOf(name, feature) : undefined;
  }

  begin(rows: number): void {
    this.#rowSplits = new Int32Array(rows + 1);
    const isTyped = this.#feature.kind === 'fixedLen' && this.#dtype !== 'bytes';
    this.#data = isTyped ? allocate(this.#dtype, rows * this.#size) : [];
  }

  read(rowIndex: number, row: JsonRow): void {
    const value = valueAt(row.object, this.#name, this.#keys);
    this.#start = this.#at = this.#rowSplits[rowIndex] as number;
    if (value === undefined || value === null) this.#fillMissing(value, row);
    else if (this.#feature.kind === 'fixedLen') this.#fill(value, 0, row);
    else if (Array.isArray(value)) for (const element of value) this.#fill(element, 0, row);
    else row.fail(`${this.#subject}: expected an array, found ${showElement(value)}`);
    this.#rowSplits[rowIndex + 1] = this.#at;
  }

  /** Returns the values of all rows. If `single` is true, returns the value of the only row, without a batch axis. */
  end(single: boolean): ColumnValue {
    const rowSplits = this.#rowSplits;
    const data = this.#data;
    this.#data = [];
    const rows = rowSplits.length - 1;
    if (this.#feature.kind === 'fixedLen')
      return uncheckedArray(this.#dtype, single ? this.#shape : [rows, ...this.#shape], data as DataOf[ElementDType]);
    if (this.#feature.kind === 'fixedLenSequence') return this.#pad(data, rowSplits, single);
    const typed = this.#dtype === 'bytes' ? (data as Uint8Array[]) : allocate(this.#dtype, data.length);
    if (typed !== data) copyElements(data, typed, 0);
    if (this.#feature.kind === 'varLen') return sparseOf(this.#dtype, { data: typed, rowSplits }, single);
    const values = uncheckedArray(this.#dtype, [typed.length], typed);
    return single ? values : { values, rowSplits };
  }

  #fill(value: unknown, axis: number, row: JsonRow): void {
    const length = this.#shape[axis];
    if (length === undefined) {
      const element = this.#readElement(value);
      if (element === undefined) this.#refuse(value, row);
      else this.#data[this.#at] = element;
      this.#at++;
    } else if (Array.isArray(value) && value.length === length) {
      for (let index = 0; index < length; index++) this.#fill(value[index], axis + 1, row);
    } else {
      const remedy = Array.isArray(value) ? ': correct the shape, or use varLen' : '';
      const expected = `an array of length ${length} (shape [${this.#shape.join(', ')}])`;
      row.fail(`${this.#place(axis)}: expected ${expected}, found ${showElement(value)}${remedy}`);
    }
  }

  #fillMissing(value: null | undefined, row: JsonRow): void {
    const { kind } = this.#feature;
    if (kind === 'fixedLen' ? this.#default !== undefined : this.#feature.allowMissing !== false) {
      if (kind !== 'fixedLen') return;
      copyElements(this.#default as Elements, this.#data, this.#at);
      this.#at += this.#size;
      return;
    }
    const remedy =
      kind === 'fixedLen' ? 'if the feature may be missing, declare a default value or use varLen' : REQUIRED_REMEDY;
    const keys = Object.keys(row.object);
    const found = keys.length === 0 ? 'no keys' : quoteNames(keys);
    const fault = value === null ? 'the value is null' : `the record lacks this key, and contains ${found}`;
    row.fail(`${this.#subject}: ${fault}: ${remedy}`);
  }

  #refuse(value: unknown, row: JsonRow): void {
    if (!row.isExact && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      row.isRounded = true;
      return;
    }
    const expected = expectedElement(this.#dtype, this.#isInteger);
    const remedy = remedyOfElement(value, this.#dtype, this.#isInteger);
    row.fail(`${this.#place(this.#shape.length)}: expected ${expected}, found ${showElement(value)}${remedy}`);
  }

  get #subject(): string {
    return `feature ${quote(this.#name)}`;
  }

  /** Returns the feature with the indices of the next value on an axis of the shape. */
  #place(axis: number): string {
    const dimensions = this.#feature.kind === 'fixedLen' ? this.#shape : [Infinity, ...this.#shape];
    let rest = this.#at - this.#start;
    const indices = dimensions.slice(0, axis + dimensions.length - this.#shape.length).map((_, before) => {
      const stride = sizeOfShape(dimensions.slice(before + 1)) || 1;
      const index = Math.floor(rest / stride);
      rest -= index * stride;
      return index;
    });
    return indices.length === 0 ? this.#subject : `${this.#subject}, element [${indices.join(', ')}]`;
  }

  /** Pads the rows to the length of the longest row. */
  #pad(elements: Elements, rowSplits: Int32Array, single: boolean): ColumnValue {
    const rows = rowSplits.length - 1;
    let longest = 0;
    for (let row = 0; row < rows; row++) longest = Math.max(longest, rowLength(rowSplits, row));
    const data = allocate(this.#dtype, rows * longest);
    let from = 0;
    for (let row = 0; row < rows; row++) {
      const rowEnd = (row + 1) * longest;
      let to = row * longest;
      for (; from < (rowSplits[row + 1] as number); from++) (data as Elements)[to++] = elements[from];
      for (; to < rowEnd; to += this.#size) copyElements(this.#default as Elements, data, to);
    }
    const shape = [longest / (this.#size || 1), ...this.#shape];
    return uncheckedArray(this.#dtype, single ? shape : [rows, ...shape], data);
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
