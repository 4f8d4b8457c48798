import { crc32 } from 'node:zlib';
import type { DecodedArray, parquetRead, SchemaElement } from 'hyparquet';
import { decodeValues, PLAIN, type EncodedValues } from './decodeValues.js';
import { readFields, readHybrid, type ByteCursor, type ThriftFields } from './pageBytes.js';
import { parquetFault } from './parquetFault.js';

const INDEX_PAGE = 1;
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;

const RLE = 3;
const OF_DICTIONARY: readonly (number | undefined)[] = [2, 8];

export interface ColumnLevels {
  readonly element: SchemaElement;
  /** The definition level of a value that is not null. */
  readonly maxDefinition: number;
  /** 1 for a list, otherwise 0. */
  readonly maxRepetition: number;
}

export interface ColumnChunk {
  readonly bytes: Uint8Array;
  readonly valueCount: number;
  /** @param byteLength - the size of the result. */
  readonly decompress: (bytes: Uint8Array, byteLength: number) => Uint8Array;
}

/** Values without nulls. With `indices`, the values are `values[indices[0]]`, `values[indices[1]]` and so on. */
export interface ValuePart {
  readonly values: DecodedArray;
  readonly indices?: Uint32Array;
}

export interface DecodedColumn {
  /** One level for each value and null. Empty if `maxDefinition` is 0. */
  readonly definitions: Uint8Array;
  /** 0 at the first value of a row, otherwise 1. Empty if `maxRepetition` is 0. */
  readonly repetitions: Uint8Array;
  readonly parts: readonly ValuePart[];
}

interface Page {
  readonly type: number;
  readonly fields: ThriftFields;
  readonly body: Uint8Array;
  readonly uncompressedBytes: number;
}

/**
 * Decodes the pages of a column chunk. Reads the levels and the indices itself, because hyparquet trusts their counts,
 * so a damaged byte could make hyparquet fill the memory.
 *
 * @see https://parquet.apache.org/docs/file-format/data-pages/
 */
export async function decodeColumn(
  read: typeof parquetRead,
  column: ColumnLevels,
  chunk: ColumnChunk,
): Promise<DecodedColumn> {
  const cursor = { bytes: chunk.bytes, at: 0 };
  const definitions: Uint8Array[] = [];
  const repetitions: Uint8Array[] = [];
  const parts: ValuePart[] = [];
  const decode = (encoding: number, count: number, bytes: Uint8Array): Promise<DecodedArray> =>
    decodeValues(read, column.element, { encoding, count, bytes });
  let dictionary: DecodedArray = [];
  for (let decoded = 0; decoded < chunk.valueCount;) {
    const page = readPage(cursor);
    if (page.type === INDEX_PAGE) continue;
    const count = fieldOf(page.fields, 1);
    if (page.type === DICTIONARY_PAGE) {
      const bytes = decompressed(page.body, page.uncompressedBytes, chunk);
      dictionary = count === 0 ? [] : await decode(PLAIN, count, bytes);
      continue;
    }
    decoded += count;
    if (decoded > chunk.valueCount) throw parquetFault(`expected ${chunk.valueCount} values, found ${decoded} or more`);
    const data = openPage(page, column, chunk);
    definitions.push(data.definitions);
    repetitions.push(data.repetitions);
    if (data.count === 0) continue;
    const indices = indicesOf(data, column);
    if (!indices) parts.push({ values: await decode(data.encoding, data.count, data.bytes) });
    else if (column.element.type === 'BOOLEAN') parts.push({ values: Uint8Array.from(indices) });
    else parts.push({ values: dictionary, indices: checkIndices(indices, dictionary.length) });
  }
  return { definitions: Buffer.concat(definitions), repetitions: Buffer.concat(repetitions), parts };
}

function readPage(cursor: ByteCursor): Page {
  const header = readFields(cursor);
  const [type, uncompressedBytes, byteLength] = [fieldOf(header, 1), fieldOf(header, 2), fieldOf(header, 3)];
  const fields = header[5 + type];
  if (type > DATA_PAGE_V2 || typeof fields !== 'object') throw parquetFault(`found a page of the unknown type ${type}`);
  const body = take(cursor, byteLength);
  const checksum = header[4];
  if (typeof checksum === 'number' && checksum >>> 0 !== crc32(body)) {
    throw parquetFault(`the CRC-32 of a page is ${crc32(body)}, expected ${checksum >>> 0}`, 'checksum');
  }
  return { type, fields, body, uncompressedBytes };
}

interface DataPage extends Pick<DecodedColumn, 'definitions' | 'repetitions'>, EncodedValues {}

function openPage({ type, fields, body, uncompressedBytes }: Page, column: ColumnLevels, chunk: ColumnChunk): DataPage {
  const isV2 = type === DATA_PAGE_V2;
  const cursor = { bytes: isV2 ? body : decompressed(body, uncompressedBytes, chunk), at: 0 };
  const count = fieldOf(fields, 1);
  /** The field contains the encoding of the levels in version 1, and their length in version 2. */
  const levels = (max: number, field: number): Uint8Array => {
    if (!isV2 && max === 0) return new Uint8Array(0);
    if (!isV2 && field !== RLE) throw parquetFault(`the encoding ${field} of levels is not supported`);
    const bytes = isV2 ? take(cursor, field) : takeSized(cursor);
    return max === 0 ? new Uint8Array(0) : readHybrid(bytes, 32 - Math.clz32(max), new Uint8Array(count));
  };
  const repetitions = levels(column.maxRepetition, fieldOf(fields, isV2 ? 6 : 4));
  const definitions = levels(column.maxDefinition, fieldOf(fields, isV2 ? 5 : 3));
  const present = presentOf(definitions, column, count);
  let bytes = cursor.bytes.subarray(cursor.at);
  if (isV2) {
    const expected = count - fieldOf(fields, 2);
    if (present !== expected) throw parquetFault(`expected ${expected} values in a page, found ${present}`);
    if (fields[7] !== 0) bytes = decompressed(bytes, uncompressedBytes - cursor.at, chunk);
  }
  return { definitions, repetitions, encoding: fieldOf(fields, isV2 ? 4 : 2), count: present, bytes };
}

function presentOf(definitions: Uint8Array, { maxDefinition }: ColumnLevels, count: number): number {
  if (maxDefinition === 0) return count;
  let present = 0;
  for (let at = 0; at < count; at++) if (definitions[at] === maxDefinition) present++;
  return present;
}

/** Returns `undefined` if the values are neither indices of a dictionary nor booleans in runs. */
function indicesOf({ encoding, count, bytes }: EncodedValues, { element }: ColumnLevels): Uint32Array | undefined {
  const values = new Uint32Array(count);
  if (encoding === RLE && element.type === 'BOOLEAN') return readHybrid(takeSized({ bytes, at: 0 }), 1, values);
  return OF_DICTIONARY.includes(encoding) ? readHybrid(bytes.subarray(1), bytes[0] ?? 0, values) : undefined;
}

function checkIndices(indices: Uint32Array, size: number): Uint32Array {
  for (const index of indices) {
    if (index >= size) throw parquetFault(`found the index ${index}, but the dictionary has ${size} values`);
  }
  return indices;
}

function decompressed(bytes: Uint8Array, byteLength: number, { decompress }: ColumnChunk): Uint8Array {
  // Empty bytes are not a valid compressed stream.
  const found = byteLength === 0 ? bytes.subarray(0, 0) : decompress(bytes, byteLength);
  if (found.length === byteLength) return found;
  throw parquetFault(`expected a page of ${byteLength} bytes, found ${found.length} after decompression`);
}

function take(cursor: ByteCursor, byteLength: number): Uint8Array {
  const start = cursor.at;
  cursor.at += byteLength;
  if (cursor.at <= cursor.bytes.length) return cursor.bytes.subarray(start, cursor.at);
  throw parquetFault(`a page has ${cursor.bytes.length - start} bytes, expected ${byteLength}`, 'truncated');
}

/** Reads bytes that begin with their length. */
function takeSized(cursor: ByteCursor): Uint8Array {
  const size = take(cursor, 4);
  return take(cursor, Buffer.from(size.buffer, size.byteOffset, 4).readUInt32LE());
}

function fieldOf(fields: ThriftFields, id: number): number {
  const value = fields[id];
  if (typeof value === 'number' && value >= 0) return value;
  throw parquetFault(`a page header has no valid field ${id}`);
}
