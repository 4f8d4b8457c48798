import { valueOfText, type TableDType } from './tableDType.js';

/** The dtype of a column is the first of these dtypes that can represent all texts. */
const CANDIDATES: readonly TableDType[] = ['int32', 'int64', 'float32', 'bool'];

/** Returns the dtype of a column from the texts of its non-empty fields, or `string` if there are none. */
export function inferDType(texts: readonly string[]): TableDType {
  if (texts.length === 0) return 'string';
  return CANDIDATES.find((dtype) => texts.every((text) => valueOfText(dtype, text) !== undefined)) ?? 'string';
}
