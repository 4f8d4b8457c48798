import { countOf } from '../../base/grouped.js';
import { quote } from '../../base/showValue.js';
import type { TableDType } from '../../formats/table/tableDType.js';
import type { TableColumn } from '../../formats/table/tableOptions.js';
import { BOOL, dtypeOf, EMPTY, FLOAT32, FLOAT64, INT64, NUMBERS, PADDED, WIDE } from './csvField.js';
import { isNearlyAll, MOSTLY, NINE_OF_TEN, shareOf } from './shares.js';

/** After this many values, a column with mostly text is text, and later values are not examined. */
const DECIDING_VALUES = 1000;

/** Texts that mean a missing value. Such a text is not a column name. */
export const MISSING = /^\s*(?:na|n\/a|nan|null|none|nil|missing|[-?.]*)\s*$/i;

export interface FirstField {
  readonly line: string;
  readonly text: string;
}

export class ColumnFacts {
  #values = 0;
  #empty = 0;
  #numbers = 0;
  #integers = 0;
  #booleans = 0;
  #dtypes = NUMBERS;
  #firstEmpty: FirstField | undefined;
  #firstText: FirstField | undefined;
  #firstFraction: FirstField | undefined;
  /** The first number that no dtype can represent together with all numbers before it. */
  #firstMisfit: FirstField | undefined;
  #firstPadded: FirstField | undefined;

  isText = false;

  /**
   * @param found - bits for the dtypes that can represent the field, or `EMPTY`.
   * @param show - returns the text of the field and its line. Called only for fields that a remark may show.
   * @param isFirst - true for the first line.
   */
  add(found: number, show: () => FirstField, isFirst = false): void {
    const first = (known: FirstField | undefined): FirstField => (known && !isFirst ? known : show());
    if (found === EMPTY) {
      this.#empty++;
      this.#firstEmpty = first(this.#firstEmpty);
      return;
    }
    this.#values++;
    const isNumber = (found & (NUMBERS | WIDE)) !== 0;
    if (isNumber) {
      this.#numbers++;
      const isInteger = (found & (INT64 | WIDE)) !== 0;
      if (isInteger) this.#integers++;
      else this.#firstFraction = first(this.#firstFraction);
      if (this.#dtypes !== 0 && (this.#dtypes & found) === 0) this.#firstMisfit = show();
      this.#dtypes &= found;
      if ((found & PADDED) !== 0) this.#firstPadded = first(this.#firstPadded);
    } else this.#firstText = first(this.#firstText);
    if ((found & BOOL) !== 0) this.#booleans++;
    if (this.#values === DECIDING_VALUES) {
      this.isText = Math.max(this.#numbers, this.#booleans) < MOSTLY * DECIDING_VALUES;
    }
  }

  get hasValues(): boolean {
    return this.#values > 0;
  }

  /**
   * `bool` if all values are true or false. A numeric dtype if nearly all values are numbers that one dtype can
   * represent.
   */
  get dtype(): TableDType {
    if (this.isText) return 'string';
    if (this.hasValues && this.#booleans === this.#values) return 'bool';
    return isNearlyAll(this.#numbers, this.#values) && !this.#hasCodes ? dtypeOf(this.#dtypes) : 'string';
  }

  /** Only NaN and an empty text can mean a missing value. So columns with empty fields are floats or strings. */
  get column(): TableColumn {
    const { dtype } = this;
    if (this.#empty === 0 || dtype === 'string') return dtype;
    return dtype === 'bool' ? 'string' : this.#columnWithNaN;
  }

  /** Returns `string` if no float dtype can represent all numbers. */
  get #columnWithNaN(): TableColumn {
    const dtype = dtypeOf(this.#dtypes & (FLOAT32 | FLOAT64));
    return dtype === 'string' ? dtype : { dtype, default: 'nan' };
  }

  /**
   * True if all numbers are integers and some have leading zeros. If there are also fractions, leading zeros have no
   * meaning.
   */
  get #hasCodes(): boolean {
    return this.#firstPadded !== undefined && this.#integers === this.#numbers;
  }

  /** True if most values are numbers or booleans. A text in the first line of such a column is the column's name. */
  get isBelowName(): boolean {
    return this.hasValues && Math.max(this.#numbers, this.#booleans) >= NINE_OF_TEN * this.#values;
  }

  /** True if some fields cannot be read with the proposed dtype. */
  get hasOddText(): boolean {
    return this.#firstText !== undefined && this.column !== 'string' && this.dtype !== 'bool';
  }

  /**
   * Describes fields that differ from most fields of the column.
   *
   * @param naOption - returns the option to read a text as a missing value, such as `naValues: ["NA"]`.
   */
  remarks(label: string, naOption: (text: string) => string): string[] {
    if (!this.hasValues) return [`${label} has no value in any line`];
    const remarks: string[] = [];
    const isString = this.dtype === 'string' ? ', so the column is a string' : '';
    const isMostlyNumbers = this.#numbers > MOSTLY * this.#values && !this.isText;
    if (this.#firstText && isMostlyNumbers) {
      const { line, text } = this.#firstText;
      remarks.push(
        `${label}: ${shareOf(this.#numbers, this.#values)} values are numbers; ${line} is ${quote(text)}${isString}${this.#missingHint(text, naOption)}`,
      );
    }
    if (this.#firstPadded && this.#hasCodes && isMostlyNumbers) {
      const { line, text } = this.#firstPadded;
      remarks.push(
        `${label}: ${line} is ${quote(text)}; a number would lose the leading zeros, so the column is a string`,
      );
    } else if (this.#firstMisfit && isMostlyNumbers) {
      const { line, text } = this.#firstMisfit;
      remarks.push(`${label}: no numeric dtype can represent all numbers; ${line} is ${quote(text)}${isString}`);
    } else if (this.#firstFraction && isMostlyNumbers && this.#integers >= NINE_OF_TEN * this.#numbers) {
      const { line, text } = this.#firstFraction;
      remarks.push(
        `${label}: ${shareOf(this.#integers, this.#numbers)} numbers are integers; ${line} is ${quote(text)}`,
      );
    }
    if (this.#firstEmpty) {
      remarks.push(
        `${label} is empty in ${countOf(this.#empty, 'line')}, first in ${this.#firstEmpty.line}${this.#readAs}`,
      );
    }
    return remarks;
  }

  get #readAs(): string {
    const { dtype, column } = this;
    if (dtype === 'string') return '';
    return column === 'string'
      ? `; only float32 and float64 have NaN for empty fields, so the column is a string`
      : '; the proposal reads empty fields as NaN';
  }

  #missingHint(text: string, naOption: (text: string) => string): string {
    const column = this.#columnWithNaN;
    if (!MISSING.test(text) || typeof column === 'string') return '';
    const option = naOption(quote(text));
    return `; if this is a missing value, set ${option}, and { dtype: '${column.dtype}', default: NaN } for the column`;
  }
}
