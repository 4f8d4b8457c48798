import type { ColumnMetaData, FileMetaData, RowGroup } from 'hyparquet';
import type { FormatError } from '../../base/errors.js';
import { mapConcurrently } from '../../base/mapConcurrently.js';
import { quote } from '../../base/showValue.js';
import type { PlannedColumn } from '../../formats/parquet/columnPlan.js';
import { decoding, parquetFault } from '../../formats/parquet/parquetFault.js';
import { leavesOf, type ParquetLeaf } from '../../formats/parquet/parquetLeaves.js';
import { signedFormat } from '../../formats/framing/signedFormat.js';
import { cannotRead, fileObject, fileStore } from '../../stores/fileStore.js';
import type { RangeWindowOptions } from '../../stores/rangeWindow.js';
import { isSizedRangeObject } from '../../stores/storedIn.js';
import type { RecordFile } from '../records/recordFile.js';
import { loadHyparquet } from './hyparquet.js';

/**
 * Two ranges with a gap of up to this size are read by one request, because a second request would take longer than the
 * gap.
 */
const MAX_GAP_BYTES = 64 * 1024;

/** All ranges of a row group are needed at once, so there is nothing to measure for `auto`. */
const AUTOMATIC_RANGES = 16;

/** The bytes from `start` to `end` (exclusive). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A file or object that is read in ranges. */
export interface RangeFile {
  readonly byteLength: number;
  /** Returns the bytes of the ranges, as views on new memory. */
  readonly read: (ranges: readonly ByteRange[]) => Promise<Uint8Array[]>;
}

/** @throws ChannelError (as a rejection) if the file or object cannot be read in ranges. */
export async function openRangeFile(
  { path, stored }: RecordFile,
  { rangeBytes, concurrency }: RangeWindowOptions,
  signal: AbortSignal,
): Promise<RangeFile> {
  const { store } = stored ?? { store: fileStore() };
  const object =
    stored?.object ??
    (await fileObject(path).catch((error: unknown) => {
      throw cannotRead(path, error as Error);
    }));
  if (!object || !isSizedRangeObject(object)) {
    throw cannotRead(path, new Error('Parquet needs a regular file, or a server that supports ranges'));
  }
  const read = async (ranges: readonly ByteRange[]): Promise<Uint8Array[]> => {
    const runs = joinRanges(ranges, rangeBytes);
    const readRun = ({ start, end }: ByteRange): Promise<Uint8Array> => store.read(object, start, end, { signal });
    const found = await mapConcurrently(runs, readRun, signal, concurrency === 'auto' ? AUTOMATIC_RANGES : concurrency);
    return ranges.map(({ start, end }) => {
      const index = runs.findLastIndex((run) => run.start <= start);
      const first = runs[index]?.start ?? 0;
      return (found[index] ?? new Uint8Array(0)).subarray(start - first, end - first);
    });
  };
  return { byteLength: object.byteLength, read };
}

function joinRanges(ranges: readonly ByteRange[], maxBytes: number): ByteRange[] {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((one, other) => one.start - other.start)) {
    const last = joined.at(-1);
    if (last && start - last.end <= MAX_GAP_BYTES && end - last.start <= maxBytes) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return joined;
}

/** Most footers are smaller. */
export const MAX_TAIL_BYTES = 64 * 1024;
/** The size of the metadata's length and of `PAR1`. */
const TRAILER_BYTES = 8;
const MAGIC_BYTES = 4;
/** `signedFormat` needs no more than the first 512 bytes to detect another format. */
const SNIFFED_BYTES = 512;
const LEAST_BYTES = MAGIC_BYTES + TRAILER_BYTES;

export interface ParquetFooter {
  readonly leaves: readonly ParquetLeaf[];
  readonly groups: readonly RowGroup[];
}

/**
 * Reads the schema and the row groups.
 *
 * @param tailBytes - the size of the first read. A second read gets the rest of a larger footer.
 * @throws FormatError (as a rejection) without a path if the file is not Parquet, or is damaged.
 */
export async function readFooter(file: RangeFile, tailBytes = MAX_TAIL_BYTES): Promise<ParquetFooter> {
  const { byteLength } = file;
  const { parquetMetadata, parquetSchema } = await loadHyparquet();
  /** Reads the bytes from `start` to `end`, counted backwards from the end of the file. */
  const readBack = async (start: number, end: number): Promise<Buffer> => {
    const range = { start: Math.max(0, byteLength - start), end: byteLength - end };
    const [bytes = new Uint8Array(0)] = await file.read([range]);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  };
  let tail = await readBack(tailBytes, 0);
  if (tail.toString('latin1', tail.length - MAGIC_BYTES) !== 'PAR1' || byteLength < LEAST_BYTES) {
    throw await withoutFooter(file);
  }
  const footerBytes = tail.readUInt32LE(tail.length - TRAILER_BYTES) + TRAILER_BYTES;
  if (footerBytes > byteLength)
    throw parquetFault(`the footer has ${footerBytes} bytes, but the file has only ${byteLength}`);
  if (footerBytes > tail.length) tail = Buffer.concat([await readBack(footerBytes, tail.length), tail]);
  return decoding('the footer', () => {
    const metadata = parquetMetadata(tail);
    const leaves = leavesOf(parquetSchema(metadata));
    checkGroups(metadata, leaves);
    return { leaves, groups: metadata.row_groups };
  });
}

async function withoutFooter(file: RangeFile): Promise<FormatError> {
  const [bytes = new Uint8Array(0)] = await file.read([{ start: 0, end: Math.min(SNIFFED_BYTES, file.byteLength) }]);
  const head = Buffer.from(bytes.subarray(0, MAGIC_BYTES)).toString('latin1');
  const found = signedFormat(bytes)?.name ?? (head === '' ? 'nothing' : quote(head));
  if (head === '' || !'PAR1'.startsWith(head))
    return parquetFault(`expected a Parquet file, which begins with "PAR1", found ${found}`);
  return parquetFault(
    `the file of ${file.byteLength} bytes does not end with "PAR1": it is truncated, or its writer was not closed. Copy or write the file again`,
    'truncated',
  );
}

function checkGroups({ num_rows, row_groups }: FileMetaData, leaves: readonly ParquetLeaf[]): void {
  if (leaves.length === 0) throw parquetFault('the file has no columns');
  let rows = 0n;
  for (const { columns, num_rows: rowsOfGroup } of row_groups) {
    rows += rowsOfGroup;
    const paths = columns.map(({ meta_data, file_path }) => [...(meta_data?.path_in_schema ?? []), file_path]);
    const isSame = String(paths) === String(leaves.map(({ path }) => [...path, undefined]));
    if (!isSame)
      throw parquetFault('the columns of a row group differ from the schema, or are encrypted or in a different file');
  }
  if (rows !== num_rows) throw parquetFault(`the row groups have ${rows} rows, but the footer counts ${num_rows}`);
}

type ChunkKey = 'codec' | 'num_values' | 'data_page_offset' | 'dictionary_page_offset' | 'total_compressed_size';

/** The facts that are needed to read the columns of a row group. */
export interface RowGroupFacts extends Pick<RowGroup, 'num_rows'> {
  readonly columns: readonly { readonly meta_data?: Pick<ColumnMetaData, ChunkKey> }[];
}

/** @throws FormatError if the column chunk is not in the file. */
export function rangeOfChunk(
  group: RowGroupFacts,
  { name, index }: Pick<PlannedColumn, 'name' | 'index'>,
  { byteLength }: RangeFile,
): ByteRange {
  const meta = group.columns[index]?.meta_data;
  const { data_page_offset: data = 0n, dictionary_page_offset: dictionary = 0n } = meta ?? {};
  const start = Number(dictionary > 0n && dictionary < data ? dictionary : data);
  const end = start + Number(meta?.total_compressed_size ?? 0n);
  if (start >= MAGIC_BYTES && start <= end && end <= byteLength) return { start, end };
  throw parquetFault(`column ${quote(name)}: its bytes ${start} to ${end} are not in the file of ${byteLength} bytes`);
}
