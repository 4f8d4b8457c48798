import { valueOfText } from './columnBuilder.js';
import type { TableDType } from './tableOptions.js';

/** In this order: the first dtype that all texts have is the dtype of the column. */
const CANDIDATES: readonly TableDType[] = ['int32', 'int64', 'float32', 'bool'];

/** Returns the dtype of a column from its texts, without its empty fields. Without a text, it is `string`. */
export function inferDType(texts: readonly string[]): TableDType {
  if (texts.length === 0) return 'string';
  return CANDIDATES.find((dtype) => texts.every((text) => valueOfText(dtype, text) !== undefined)) ?? 'string';
}
