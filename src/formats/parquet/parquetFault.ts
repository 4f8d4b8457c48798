import { FormatError, MillraceError, type FormatErrorKind } from '../../base/errors.js';
import { quote } from '../../base/showValue.js';

/** Returns an error without a place. {@link placed} adds the place. */
export function parquetFault(message: string, kind: FormatErrorKind = 'malformed'): FormatError {
  return new FormatError(message, { kind, format: 'Parquet', byteOffset: 0, recordIndex: 0 });
}

/** Calls `decode`, and converts errors of hyparquet and of decompressors to FormatErrors. */
export async function decoding<T>(what: string, decode: () => T | Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    throw error instanceof MillraceError ? error : parquetFault(`${what} cannot be decoded: ${String(error)}`);
  }
}

export interface FaultPlace {
  readonly path: string;
  readonly column?: string;
  /** The index of the row group in the file, from 0. */
  readonly group?: number;
  readonly byteOffset?: number;
  /** The index of the row in the file, from 0. */
  readonly row?: number;
}

/** Adds the place to the errors of {@link parquetFault}. */
export async function placed<T>(place: FaultPlace, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof FormatError && error.path === undefined ? placedFault(error, place) : error;
  }
}

export function placedFault(
  error: FormatError,
  { path, column, group, byteOffset = 0, row = 0 }: FaultPlace,
): FormatError {
  const { kind, reason, cause } = error;
  const inGroup = group === undefined ? path : `${path}, row group ${group}`;
  const place = column === undefined ? inGroup : `${inGroup}, row ${row}, column ${quote(column)}`;
  const position = { byteOffset, recordIndex: row, position: '' };
  return new FormatError(`${place}: ${reason}`, { kind, format: 'Parquet', path, ...position, cause });
}
