import { readTrailer, type RecordOrigin } from './originTrailer.js';

/** The place of the bytes in a piece of memory. */
interface Origin {
  readonly path: string;
  /** The offset in the file minus the offset in the memory, in bytes. */
  readonly shift: number;
  /** The part of the memory that holds bytes of the file. */
  readonly start: number;
  end: number;
  lines?: LineCount;
}

/**
 * The number of lines before a place in the memory. It moves to each record whose line is asked for. It must not hold
 * the memory: a value that holds its key keeps it alive until the next full garbage collection.
 */
interface LineCount {
  at: number;
  before: number;
}

const NEWLINE = 0x0a;

/** Origins by the memory of a chunk. Records are views on that memory, so they need no entries of their own. */
const origins = new WeakMap<ArrayBufferLike, Origin>();

/**
 * Keeps the origin of a chunk for as long as its memory lives. A chunk that adjoins the one before, in memory and in the
 * file, extends the entry. Any other chunk in known memory has no origin.
 */
export function rememberOrigin({ buffer, byteOffset, length }: Uint8Array, path: string, fileOffset: number): void {
  const shift = fileOffset - byteOffset;
  const known = origins.get(buffer);
  if (!known) origins.set(buffer, { path, shift, start: byteOffset, end: byteOffset + length });
  else if (known.path === path && known.shift === shift && known.end === byteOffset) known.end += length;
}

/** Keeps the number of lines before a chunk, if the chunk's origin is known. */
export function rememberLines(chunk: Uint8Array, linesBefore: number): void {
  const { buffer, byteOffset } = chunk;
  const origin = entryOf(buffer, byteOffset);
  if (origin) origin.lines ??= { at: byteOffset, before: linesBefore };
}

/** Keeps the origin of a copy that has memory of its own. For copies that are rare: an entry is slow to make. */
export function rememberCopy({ buffer, byteOffset }: Uint8Array, origin: RecordOrigin | undefined): void {
  if (!origin) return;
  const { path, lineNumber } = origin;
  const entry: Origin = { path, shift: origin.byteOffset - byteOffset, start: byteOffset, end: Infinity };
  if (lineNumber !== undefined) entry.lines = { at: byteOffset, before: lineNumber - 1 };
  origins.set(buffer, entry);
}

/** Returns the file and the byte of a record, without its line: that would have to be counted. */
export function placeOf(record: Uint8Array): RecordOrigin | undefined {
  const { buffer, byteOffset } = record;
  const origin = entryOf(buffer, byteOffset);
  if (!origin) return readTrailer(record);
  return { path: origin.path, byteOffset: byteOffset + origin.shift, lineNumber: undefined };
}

/**
 * Returns the place of a record in its file. Returns `undefined` if the record is text, or a copy that this package did
 * not make.
 */
export function originOf(record: unknown): RecordOrigin | undefined {
  if (!(record instanceof Uint8Array)) return undefined;
  const { buffer, byteOffset } = record;
  const origin = entryOf(buffer, byteOffset);
  if (!origin) return readTrailer(record);
  const { path, shift, lines } = origin;
  return { path, byteOffset: byteOffset + shift, lineNumber: lines && lineAt(lines, buffer, byteOffset) };
}

function entryOf(buffer: ArrayBufferLike, byteOffset: number): Origin | undefined {
  const origin = origins.get(buffer);
  return origin && byteOffset >= origin.start && byteOffset < origin.end ? origin : undefined;
}

/** Counts from the last record on. So the records of a chunk, one after the other, take one pass over its bytes. */
function lineAt(lines: LineCount, buffer: ArrayBufferLike, byteOffset: number): number {
  const { at } = lines;
  const between = new Uint8Array(buffer, Math.min(at, byteOffset), Math.abs(byteOffset - at));
  let newlines = 0;
  for (const byte of between) if (byte === NEWLINE) newlines++;
  lines.before += byteOffset < at ? -newlines : newlines;
  lines.at = byteOffset;
  return lines.before + 1;
}
