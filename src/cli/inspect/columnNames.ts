import { quote } from '../../base/showValue.js';
import { CSV_VALUE_READERS } from '../../formats/csv/csvValue.js';
import { MISSING } from './columnFacts.js';
import { BOOLEAN } from './csvField.js';

/** True if a text in the first line may be the name of a column of numbers or booleans. */
export function isName(name: string): boolean {
  const isNumber = CSV_VALUE_READERS.float64(name, 'utf8') !== undefined;
  return !isNumber && !MISSING.test(name) && !BOOLEAN.test(name);
}

/** A name above a column of text is short, and begins with a letter or an underscore. */
export function isTextName(name: string): boolean {
  return isName(name) && /^[\p{L}_].{0,63}$/u.test(name);
}

/** A column without a name is shown by its number, from 1. */
export function columnLabel(header: readonly string[] | undefined, index: number): string {
  const name = header?.[index] ?? '';
  return name === '' ? `column ${index + 1}` : `column ${quote(name)}`;
}

export const MAY_BE_DATA =
  'all columns are text: if the first line is data and not a header, set columnNames: […] with the names of all columns';
export const MAY_BE_HEADER = 'all columns are text, so the first line may be a header: if so, remove columnNames';
