import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { requireRoom } from './temporaryFolder.js';

const PIECE_BYTES = 4 * 1024 * 1024;

export interface DataFile {
  readonly path: string;
  readonly byteLength: number;
  readonly records: number;
}

/** A short file for the warm-up, and the measured file. */
export interface DataFiles {
  readonly warmUp: DataFile;
  readonly measured: DataFile;
}

export interface DataSpec {
  readonly record: (index: number) => Uint8Array;
  readonly byteLength: number;
  readonly warmUpByteLength: number;
  readonly folder: string;
}

/**
 * Creates files of about these sizes, calls `work`, and removes the files, so that a run needs disk space for only one
 * case. The files repeat about 4 MiB of records, and stay in the page cache.
 */
export async function withDataFiles<T>(spec: DataSpec, work: (files: DataFiles) => Promise<T>): Promise<T> {
  requireRoom(spec.folder, spec.warmUpByteLength + spec.byteLength);
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
  writeSynced(
    path,
    Array.from({ length: count }, () => bytes),
  );
  return { path, byteLength: count * bytes.byteLength, records: count * records };
}

/**
 * Writes a file, and syncs it, so that the disk is idle during the measurement.
 *
 * @throws Error before it writes if there is not enough space.
 */
export function writeSynced(path: string, pieces: readonly Uint8Array[]): void {
  requireRoom(
    dirname(path),
    pieces.reduce((sum, { byteLength }) => sum + byteLength, 0),
  );
  const fd = openSync(path, 'w');
  try {
    for (const piece of pieces) writeFileSync(fd, piece);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
