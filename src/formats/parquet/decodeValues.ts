import type { ColumnMetaData, DecodedArray, FileMetaData, parquetRead, ParquetType, SchemaElement } from 'hyparquet';
import { parquetFault } from './parquetFault.js';
import { readByte, readVarint } from './pageBytes.js';

export const PLAIN = 0;
const DELTA_BINARY_PACKED = 5;
const DELTA_LENGTH_BYTE_ARRAY = 6;
const DELTA_BYTE_ARRAY = 7;
const BYTE_STREAM_SPLIT = 9;

const NUMBERS: readonly ParquetType[] = ['INT32', 'INT64'];
const TYPES_OF_ENCODING: Readonly<Record<number, readonly ParquetType[]>> = {
  [DELTA_BINARY_PACKED]: NUMBERS,
  [DELTA_LENGTH_BYTE_ARRAY]: ['BYTE_ARRAY'],
  [DELTA_BYTE_ARRAY]: ['BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'],
  [BYTE_STREAM_SPLIT]: [...NUMBERS, 'FLOAT', 'DOUBLE', 'FIXED_LEN_BYTE_ARRAY'],
};

/** Without these parsers, hyparquet makes Dates, which have less precision. */
const PARSERS = { timestampFromNanoseconds: (nanoseconds: bigint): bigint => nanoseconds };

export interface EncodedValues {
  readonly encoding: number;
  /** The number of values, at least 1. */
  readonly count: number;
  readonly bytes: Uint8Array;
}

/**
 * Decodes the values of one page with hyparquet. hyparquet receives a file with only these values, in a required column
 * without levels. So if the page is damaged, hyparquet cannot read other pages or too many rows.
 */
export async function decodeValues(
  read: typeof parquetRead,
  element: SchemaElement,
  values: EncodedValues,
): Promise<DecodedArray> {
  const { encoding, count, bytes } = values;
  const { type = 'INT32' } = element;
  const isKnown = encoding === PLAIN || TYPES_OF_ENCODING[encoding]?.includes(type);
  if (isKnown !== true) throw parquetFault(`the encoding ${encoding} of ${type} values is not supported`);
  if (encoding === DELTA_BYTE_ARRAY) skipDeltas(values, skipDeltas(values, 0));
  else if (encoding === DELTA_BINARY_PACKED || encoding === DELTA_LENGTH_BYTE_ARRAY) skipDeltas(values, 0);
  const header = headerOf(values);
  const page = new Uint8Array(header.length + bytes.length);
  page.set(header);
  page.set(bytes, header.length);
  const file = { byteLength: page.length, slice: () => page.buffer };
  let found = new Uint8Array(0) as DecodedArray;
  const onPage = ({ columnData }: { readonly columnData: DecodedArray }): void => void (found = columnData);
  await read({ file, metadata: metadataOf(element, count, page.length), utf8: false, parsers: PARSERS, onPage });
  if (found.length !== count) throw parquetFault(`expected ${count} values in a page, found ${found.length}`);
  return found;
}

/**
 * The header of a data page as a Thrift struct. Integers are zigzag varints. An unknown text at the end aligns the
 * values to 8 bytes, so that hyparquet need not copy them.
 */
function headerOf({ encoding, count, bytes }: EncodedValues): number[] {
  const size = varintOf(2 * bytes.length);
  const [integer, structOf5, text, rle] = [0x15, 0x2c, 0xf8, 6];
  const values = [integer, ...varintOf(2 * count), integer, 2 * encoding, integer, rle, integer, rle, 0];
  const header = [integer, 0, integer, ...size, integer, ...size, structOf5, ...values, text];
  const padding = 7 - ((header.length + 1) % 8);
  return [...header, padding, ...new Uint8Array(padding), 0];
}

function varintOf(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varintOf(Math.floor(value / 0x80))];
}

function metadataOf(element: SchemaElement, count: number, size: number): FileMetaData {
  const [rows, bytes] = [BigInt(count), BigInt(size)];
  const sizes = { num_values: rows, total_uncompressed_size: bytes, total_compressed_size: bytes };
  const meta: ColumnMetaData = {
    ...{
      type: element.type ?? 'INT32',
      encodings: [],
      path_in_schema: [element.name],
      codec: 'UNCOMPRESSED',
      data_page_offset: 0n,
    },
    ...sizes,
  };
  return {
    version: 1,
    schema: [{ name: 'schema', num_children: 1 }, element],
    num_rows: rows,
    row_groups: [{ columns: [{ file_offset: 0n, meta_data: meta }], total_byte_size: bytes, num_rows: rows }],
    metadata_length: 0,
  };
}

/**
 * Returns the end of delta-encoded integers. Throws if the sizes of the blocks are invalid, because hyparquet might
 * never end.
 */
function skipDeltas({ bytes, count }: EncodedValues, start: number): number {
  const cursor = { bytes, at: start };
  const [blockSize, miniblocks, total] = [readVarint(cursor), readVarint(cursor), readVarint(cursor)];
  const size = blockSize / miniblocks;
  if (total !== count || size === 0 || size % 32 !== 0) {
    throw parquetFault(`expected ${count} deltas in blocks, found ${total} in ${miniblocks} blocks of ${size}`);
  }
  readVarint(cursor);
  for (let left = count - 1; left > 0;) {
    readVarint(cursor);
    let { at } = cursor;
    cursor.at += miniblocks;
    for (const end = cursor.at; at < end && left > 0; at++) {
      cursor.at += (size / 8) * readByte({ bytes, at });
      left -= size;
    }
  }
  return cursor.at;
}
