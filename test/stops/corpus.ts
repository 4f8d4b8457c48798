import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { encodeExample, encodeTFRecord, fixedLenFeature } from 'millrace/formats';

/** The parsed features of a record. */
export const FEATURES = { x: fixedLenFeature([1], 'float32'), y: fixedLenFeature([1], 'float32') };

const FILES = 3;
const RECORDS = 60;
/** With this padding, a file does not fit in a pipe. */
const PADDING_BYTES = 1500;

/** Writes files of TFRecord below `plain/` and, compressed, below `gzipped/`, and `records.parquet` with their records. */
export function writeCorpus(folder: string): void {
  for (const name of ['plain', 'gzipped']) mkdirSync(join(folder, name));
  const all: Uint8Array[] = [];
  for (let file = 0; file < FILES; file++) {
    const examples = Array.from({ length: RECORDS }, (_, i) => {
      const x = i / RECORDS;
      const padding = { bytesList: [new Uint8Array(PADDING_BYTES).fill(i)] };
      return encodeExample({ x: { floatList: [x] }, y: { floatList: [2 * x + 1] }, padding });
    });
    all.push(...examples);
    const bytes = Buffer.concat(examples.map((example) => encodeTFRecord(example)));
    writeFileSync(join(folder, 'plain', `${file}.tfrecord`), bytes);
    writeFileSync(join(folder, 'gzipped', `${file}.tfrecord.gz`), gzipSync(bytes));
  }
  const columnData = [{ name: 'record', data: all, type: 'BYTE_ARRAY' as const }];
  writeFileSync(join(folder, 'records.parquet'), new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 20 })));
}
