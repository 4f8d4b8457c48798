import { ConfigError } from '../../base/errors.js';
import { allocate, type DataOf } from '../../arrays/ndarray.js';
import { quote } from '../../base/showValue.js';
import { CSV_VALUE_READERS, type CsvDType, type CsvEncoding, type CsvValue } from './csvValue.js';
import type { CsvFail, CsvField } from './splitCsvLine.js';

type Column = CsvDType | { readonly dtype: CsvDType; readonly default?: number | bigint | string | undefined };

export class CsvColumnReader {
  readonly dtype: Exclude<CsvDType, 'string'> | 'bytes';
  readonly #csvDType: CsvDType;
  readonly #default: CsvValue | undefined;
  readonly #naValues: Readonly<Record<CsvEncoding, string>>;

  /** @throws ConfigError if the default does not fit the dtype. */
  constructor(column: Column, index: number, naValue: string) {
    const { dtype, default: value } = typeof column === 'string' ? { dtype: column, default: undefined } : column;
    this.dtype = dtype === 'string' ? 'bytes' : dtype;
    this.#csvDType = dtype;
    this.#naValues = { utf8: naValue, latin1: Buffer.from(naValue, 'utf8').toString('latin1') };
    if (value === undefined) return;
    this.#default = CSV_VALUE_READERS[dtype](String(value), 'utf8');
    if (this.#default !== undefined) return;
    const path = `recordDefaults[${index}].default`;
    throw new ConfigError(`decodeCsv: ${path}: expected ${dtype}, found ${String(value)}`, { path });
  }

  allocate(size: number): DataOf[typeof this.dtype] {
    return allocate(this.dtype, size);
  }

  read({ text, column, start }: CsvField, encoding: CsvEncoding, fail: CsvFail): CsvValue {
    if (text === '' || text === this.#naValues[encoding]) {
      return (
        this.#default ??
        fail(
          'the field is empty, and the column has no default value: if empty fields are valid, declare a default value',
          column,
          start,
        )
      );
    }
    const value = CSV_VALUE_READERS[this.#csvDType](text, encoding);
    if (value !== undefined) return value;
    const found = encoding === 'utf8' ? text : Buffer.from(text, encoding).toString('utf8');
    return fail(`expected ${this.#csvDType}, found ${quote(found)}`, column, start);
  }
}
