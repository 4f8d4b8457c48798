export interface RecordOrigin {
  readonly path: string;
  readonly byteOffset: number;
  /** The number of the line, from 1. `undefined` if the record was not read as a line. */
  readonly lineNumber: number | undefined;
}

/** The bytes from `start` to `end` of a memory come from the file at `path`. */
export interface MemoryOrigin {
  readonly path: string;
  readonly shift: number;
  readonly start: number;
  end: number;
  lines?: LineCount;
}

/**
 * `at` is the start of the last requested record, and `before` is the number of lines before `at`. This object must not
 * refer to the chunk's memory: in a WeakMap, a value that refers to its key keeps the key alive until the next full
 * garbage collection.
 */
interface LineCount {
  at: number;
  before: number;
}

const NEWLINE = 0x0a;

/** Finds the origins of copies in one memory. Like {@link MemoryOrigin}, a finder must not refer to the memory. */
export interface OriginFinder {
  /** Returns the origin of the copy that contains the byte. */
  find(byteOffset: number): MemoryOrigin | undefined;
}

/** The key is the memory of a chunk. Records are views on a chunk, so they need no entries. */
const origins = new WeakMap<ArrayBufferLike, MemoryOrigin | OriginFinder>();

/** The memory of the last record, because consecutive records are usually in one chunk. Keeps this chunk alive. */
let lastMemory: Uint8Array = new Uint8Array(0);
let lastOrigin: MemoryOrigin | OriginFinder | undefined;

/**
 * Stores a chunk's origin until its memory is garbage-collected. Each memory has one range with an origin. A chunk that
 * follows this range, in memory and in the file, extends the range. The origins of other chunks in this memory are not
 * stored.
 */
export function rememberOrigin({ buffer, byteOffset, length }: Uint8Array, path: string, fileOffset: number): void {
  const shift = fileOffset - byteOffset;
  const known = origins.get(buffer);
  if (!known) setOrigin(buffer, { path, shift, start: byteOffset, end: byteOffset + length });
  else if (!('find' in known) && known.path === path && known.shift === shift && known.end === byteOffset)
    known.end += length;
}

export function rememberLines(chunk: Uint8Array, linesBefore: number): void {
  const { buffer, byteOffset } = chunk;
  const origin = entryOf(buffer, byteOffset);
  if (origin) origin.lines ??= { at: byteOffset, before: linesBefore };
}

/**
 * Stores the origin of a copy. Use this only for a few copies, each in its own memory, because each copy needs an entry
 * in the WeakMap.
 */
export function rememberCopy({ buffer, byteOffset }: Uint8Array, origin: RecordOrigin | undefined): void {
  if (!origin) return;
  const { path, lineNumber } = origin;
  const entry: MemoryOrigin = { path, shift: origin.byteOffset - byteOffset, start: byteOffset, end: Infinity };
  if (lineNumber !== undefined) entry.lines = { at: byteOffset, before: lineNumber - 1 };
  setOrigin(buffer, entry);
}

/** Like {@link originOf}, but without the line number, because counting lines takes time. */
export function placeOf(record: Uint8Array): RecordOrigin | undefined {
  const { buffer, byteOffset } = record;
  const origin = entryOf(buffer, byteOffset);
  if (!origin) return undefined;
  return { path: origin.path, byteOffset: byteOffset + origin.shift, lineNumber: undefined };
}

/** Returns `undefined` if the origin is unknown, for example for text and for the user's copies. */
export function originOf(record: unknown): RecordOrigin | undefined {
  if (!(record instanceof Uint8Array)) return undefined;
  const { buffer, byteOffset } = record;
  const origin = entryOf(buffer, byteOffset);
  if (!origin) return undefined;
  const { path, shift, lines } = origin;
  return { path, byteOffset: byteOffset + shift, lineNumber: lines && lineAt(lines, lastMemory, byteOffset) };
}

/**
 * Copies up to `byteLength` bytes from the start of a record, including later records of its file, and stores the
 * copy's origin.
 */
export function copyFrom({ buffer, byteOffset }: Uint8Array, byteLength: number): Uint8Array | undefined {
  const origin = entryOf(buffer, byteOffset);
  if (!origin) return undefined;
  const end = Math.min(byteOffset + byteLength, origin.end, buffer.byteLength);
  const copy = new Uint8Array(buffer.slice(byteOffset, end));
  const { path, shift, lines } = origin;
  const entry: MemoryOrigin = { path, shift: shift + byteOffset, start: 0, end: copy.length };
  if (lines) entry.lines = { at: 0, before: lineAt(lines, lastMemory, byteOffset) - 1 };
  origins.set(copy.buffer, entry);
  return copy;
}

export function rememberCopies(buffer: ArrayBufferLike, finder: OriginFinder): void {
  setOrigin(buffer, finder);
}

function setOrigin(buffer: ArrayBufferLike, origin: MemoryOrigin | OriginFinder): void {
  origins.set(buffer, origin);
  lastMemory = new Uint8Array(0);
}

function entryOf(buffer: ArrayBufferLike, byteOffset: number): MemoryOrigin | undefined {
  if (buffer !== lastMemory.buffer) {
    lastMemory = new Uint8Array(buffer);
    lastOrigin = origins.get(buffer);
  }
  const origin = lastOrigin && 'find' in lastOrigin ? lastOrigin.find(byteOffset) : lastOrigin;
  return origin && byteOffset >= origin.start && byteOffset < origin.end ? origin : undefined;
}

/** Returns a line number. Counts from the last requested record. */
function lineAt(lines: LineCount, memory: Uint8Array, byteOffset: number): number {
  const start = Math.min(lines.at, byteOffset);
  const end = Math.max(lines.at, byteOffset);
  let newlines = 0;
  for (let at = memory.indexOf(NEWLINE, start); at >= 0 && at < end; at = memory.indexOf(NEWLINE, at + 1)) newlines++;
  lines.before += byteOffset < lines.at ? -newlines : newlines;
  lines.at = byteOffset;
  return lines.before + 1;
}
