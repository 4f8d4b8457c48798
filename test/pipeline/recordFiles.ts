import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { firstValueFrom, map, toArray, type Observable } from 'rxjs';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';

/** Makes a TFRecord file of these texts. */
export function tfRecords(...texts: readonly string[]): Buffer {
  return Buffer.concat(texts.map((text) => encodeTFRecord(Buffer.from(text))));
}

/** Writes files below a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** Returns all records as texts. */
export function textsOf(records$: Observable<Uint8Array>): Promise<string[]> {
  return firstValueFrom(
    records$.pipe(
      map((record) => Buffer.from(record).toString()),
      toArray(),
    ),
  );
}
