import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { CSV_VALUE_READERS, type CsvValue } from '../csv/csvValue.js';

/** The dtypes of columns. A `string` column becomes an array of dtype `bytes`. */
export type TableDType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool' | 'string';

export const tableDTypeSchema = lazy(() => z.enum(['float32', 'float64', 'int32', 'int64', 'bool', 'string']));

const BOOLEANS = new Map([
  ['true', 1],
  ['false', 0],
  ['1', 1],
  ['0', 0],
]);

/**
 * Returns the value of a text, or `undefined` if the dtype cannot represent it. Each character of the text represents
 * one byte.
 */
export function valueOfText(dtype: TableDType, text: string): CsvValue | undefined {
  return dtype === 'bool' ? BOOLEANS.get(text.trim().toLowerCase()) : CSV_VALUE_READERS[dtype](text, 'latin1');
}

/** Returns `undefined` if the dtype cannot represent the value. */
export function valueOfDefault(dtype: TableDType, value: number | bigint | boolean | string): CsvValue | undefined {
  return valueOfText(dtype, Buffer.from(String(value)).toString('latin1'));
}
