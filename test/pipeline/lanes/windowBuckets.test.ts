import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, skip, take, toArray } from 'rxjs';
import { resumable } from '../../../operators/resumable.js';
import { originOf } from '../../../src/base/origins.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { globalBatches } from '../../../src/pipeline/lanes/globalBatches.js';
import { indexRecords } from '../../../src/pipeline/lanes/indexRecords.js';
import { MemoryStore } from './support/memoryStore.js';

const RECORDS = 1200;
const FRAME_BYTES = 16;

/** A record of 4 bytes to 100 KiB: its number, and bytes that depend on it. */
function recordOf(number: number): Uint8Array {
  const bytes = new Uint8Array(number % 50 === 0 ? 100 * 1024 + number : 4 + ((number * 7919) % 4000));
  bytes.fill(number % 251);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

const numberOf = (record: Uint8Array): number => Buffer.from(record).readUInt32BE(0);

/** Windows of about 2 MB, which have several buckets. */
async function newDataset() {
  const records = Array.from({ length: RECORDS }, (_, number) => recordOf(number));
  const store = new MemoryStore({ a: Buffer.concat(records.map(encodeTFRecord)) });
  const index = await indexRecords('mem://data/*', { recordFormat: 'TFRecord', store, blockBytes: 200_000 });
  const batchesOf = (owner = { count: 1, index: 0 }) =>
    globalBatches('mem://data/*', {
      recordFormat: 'TFRecord',
      store,
      index,
      seed: 5,
      globalBatchSize: 32,
      lanes: 2,
      windowBlocks: 8,
      owner,
    });
  return { records, batchesOf };
}

describe('windows of several buckets', () => {
  it('have the same records for one and two owners, each once and unchanged', async () => {
    const { records, batchesOf } = await newDataset();
    const whole: Uint8Array[][] = await firstValueFrom(batchesOf().pipe(toArray()));
    const found = whole.flat();
    expect(found.map(numberOf).toSorted((one, other) => one - other)).toEqual([...records.keys()]);
    expect(found.every((record) => Buffer.compare(record, recordOf(numberOf(record))) === 0)).toBe(true);
    const owners = await Promise.all(
      [0, 1].map((index) => firstValueFrom(batchesOf({ count: 2, index }).pipe(toArray()))),
    );
    const numbers = whole.map((batch) => batch.map(numberOf));
    expect(whole.map((_, step) => owners.flatMap((own) => own[step]!.map(numberOf)))).toEqual(numbers);
  });

  it('continue at each step', async () => {
    const { batchesOf } = await newDataset();
    const whole = (await firstValueFrom(batchesOf().pipe(toArray()))).map((batch) => batch.map(numberOf));
    for (let step = 1; step < whole.length; step++) {
      const first = resumable<Uint8Array[]>({ recordsPerItem: 1 });
      await firstValueFrom(batchesOf().pipe(first, take(step), skip(step - 1)));
      const second = resumable<Uint8Array[]>({ cursor: first.cursor(), recordsPerItem: 1 });
      const next = await firstValueFrom(batchesOf().pipe(second, take(1)));
      expect(next.map(numberOf)).toEqual(whole[step]);
    }
  });

  it('know the place of each record in its file', async () => {
    const { records, batchesOf } = await newDataset();
    const starts: number[] = [];
    let start = 0;
    for (const { length } of records) {
      starts.push(start);
      start += length + FRAME_BYTES;
    }
    const [batch] = await firstValueFrom(batchesOf().pipe(take(1), toArray()));
    for (const record of batch!) {
      const byteOffset = starts[numberOf(record)]! + 12;
      expect(originOf(record)).toMatchObject({ path: 'mem://data/a', byteOffset });
    }
  });
});
