import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const PIECE_BYTES = 4 * 1024 * 1024;

/** A file of records, and how many they are. */
export interface DataFile {
  readonly path: string;
  readonly byteLength: number;
  readonly records: number;
}

/** What a reading needs: a short file to warm up with, and the one that is measured. */
export interface DataFiles {
  readonly warmUp: DataFile;
  readonly measured: DataFile;
}

/** What the files hold, how much, and where they are put. */
export interface DataSpec {
  /** One record as it stands in the file, drawn from its index. */
  readonly record: (index: number) => Uint8Array;
  readonly byteLength: number;
  readonly warmUpByteLength: number;
  readonly folder: string;
}

/**
 * Lets `work` have files of about those sizes, made of whole records, and removes them afterwards: a run never holds more
 * than one case's data.
 *
 * The records of about 4 MiB are made and written again and again. Files that are on a disk have been written there by
 * then, so that it stands still while something is measured, and are in the page cache all the same.
 */
export async function withDataFiles<T>(spec: DataSpec, work: (files: DataFiles) => Promise<T>): Promise<T> {
  const piece = createPiece(spec.record);
  const warmUpPath = join(spec.folder, 'warm-up');
  const measuredPath = join(spec.folder, 'measured');
  try {
    return await work({
      warmUp: writePieces(warmUpPath, piece, spec.warmUpByteLength),
      measured: writePieces(measuredPath, piece, spec.byteLength),
    });
  } finally {
    for (const path of [warmUpPath, measuredPath]) rmSync(path, { force: true });
  }
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly records: number;
}

function createPiece(record: (index: number) => Uint8Array): Piece {
  const records: Uint8Array[] = [];
  for (let byteLength = 0; byteLength < PIECE_BYTES;) {
    const next = record(records.length);
    records.push(next);
    byteLength += next.byteLength;
  }
  return { bytes: Buffer.concat(records), records: records.length };
}

function writePieces(path: string, { bytes, records }: Piece, byteTarget: number): DataFile {
  const count = Math.max(1, Math.round(byteTarget / bytes.byteLength));
  const fd = openSync(path, 'w');
  try {
    for (let i = 0; i < count; i++) {
      const written = writeSync(fd, bytes);
      if (written !== bytes.byteLength) throw new Error(`No room for the data in ${path}.`);
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return { path, byteLength: count * bytes.byteLength, records: count * records };
}
