/** Where the bytes of a chunk come from. */
interface Origin {
  readonly path: string;
  /** How far a place in the file is behind the same place in the chunk's memory. */
  readonly shift: number;
  /** Where in its memory the first chunk begins. */
  readonly start: number;
  /** How many lines of the file have ended before the chunk, if a reader of lines has told. */
  linesBefore?: number;
}

/** Where a record comes from. */
export interface RecordOrigin {
  readonly path: string;
  /** Where its bytes begin in the file, once that is decompressed. */
  readonly byteOffset: number;
  /** Its line, counted from 1, if it was read as one. */
  readonly lineNumber: number | undefined;
}

const NEWLINE = 0x0a;

/** By the memory of a chunk. A record is a view on that, so nothing has to be kept for each. */
const origins = new WeakMap<ArrayBufferLike, Origin>();

/** Remembers where a chunk comes from for as long as its memory lives. A later chunk in the same memory adjoins it. */
export function rememberOrigin({ buffer, byteOffset }: Uint8Array, path: string, fileOffset: number): void {
  if (origins.has(buffer)) return;
  origins.set(buffer, { path, shift: fileOffset - byteOffset, start: byteOffset });
}

/** Remembers of a chunk whose origin is known how many lines have ended before it. */
export function rememberLines({ buffer }: Uint8Array, linesBefore: number): void {
  const origin = origins.get(buffer);
  if (origin) origin.linesBefore ??= linesBefore;
}

/**
 * Where a record comes from; `undefined` if it is no view on a chunk of a file: text, or a copy, such as that of a record
 * that spans chunks, and that which `shuffle` makes of a small one.
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
