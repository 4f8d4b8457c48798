/** The file and the offset of a chunk's bytes. */
interface Origin {
  readonly path: string;
  /** The offset in the file minus the offset in the chunk's memory, in bytes. */
  readonly shift: number;
  /** The offset of the first chunk in its memory, in bytes. */
  readonly start: number;
  /** The number of lines before the chunk, if a line reader has set it. */
  linesBefore?: number;
}

/** The place of a record in a file. */
export interface RecordOrigin {
  readonly path: string;
  /** The offset of its first byte in the decompressed file. */
  readonly byteOffset: number;
  /** Its line number, counted from 1, if it was read as a line. */
  readonly lineNumber: number | undefined;
}

const NEWLINE = 0x0a;

/** Origins by the memory of a chunk. Records are views on that memory, so they need no entries of their own. */
const origins = new WeakMap<ArrayBufferLike, Origin>();

/**
 * Keeps the origin of a chunk for as long as its memory lives. Later chunks in the same memory follow it in the file.
 */
export function rememberOrigin({ buffer, byteOffset }: Uint8Array, path: string, fileOffset: number): void {
  if (origins.has(buffer)) return;
  origins.set(buffer, { path, shift: fileOffset - byteOffset, start: byteOffset });
}

/** Keeps the number of lines before a chunk, if the chunk's origin is known. */
export function rememberLines({ buffer }: Uint8Array, linesBefore: number): void {
  const origin = origins.get(buffer);
  if (origin) origin.linesBefore ??= linesBefore;
}

/**
 * Returns the place of a record in its file. Returns `undefined` if the record is not a view on a chunk of a file: if
 * it is text, or a copy. Records that span chunks are copies, and `shuffle` copies small records.
 */
export function originOf(record: unknown): RecordOrigin | undefined {
  if (!(record instanceof Uint8Array)) return undefined;
  const { buffer, byteOffset } = record;
  const origin = origins.get(buffer);
  if (!origin) return undefined;
  const { path, shift, start, linesBefore } = origin;
  const found = { path, byteOffset: byteOffset + shift };
  if (linesBefore === undefined) return { ...found, lineNumber: undefined };
  let lineNumber = linesBefore + 1;
  for (const byte of new Uint8Array(buffer, start, byteOffset - start)) if (byte === NEWLINE) lineNumber++;
  return { ...found, lineNumber };
}
