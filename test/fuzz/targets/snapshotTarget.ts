import assert from 'node:assert/strict';
import { serialize } from 'node:v8';
import { lastValueFrom, materialize, toArray } from 'rxjs';
import { FormatError } from '../../../src/base/errors.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { decodeItem, encodeItem, MAX_ITEM_BYTES } from '../../../src/base/itemCodec.js';
import { endOf, HEADER, readSnapshot } from '../../../src/snapshots/readSnapshot.js';
import { fileStore } from '../../../src/stores/fileStore.js';
import type { StoredIn } from '../../../src/stores/storedIn.js';
import { readTFRecords } from '../../formats/reference/readTFRecords.js';
import type { FuzzTarget } from '../fuzzTarget.js';

const SEEDS = [
  Uint8Array.of(1, 2, 3),
  { x: Float32Array.of(0.5), n: [1n, -0, undefined] },
  [new Map([['k', new Set([1])]]), 'text'],
].map((item) => new Uint8Array(encodeItem('snapshot', item)));

function storedIn(bytes: Uint8Array): StoredIn {
  const read = (_object: unknown, start: number, end: number) => Promise.resolve(bytes.slice(start, end));
  const object = { url: 'file', byteLength: bytes.length, version: undefined, hasRanges: true };
  return { object, store: { ...fileStore(), read } };
}

/** Returns the records, up to the first one that V8 cannot read. */
function readable(records: readonly Uint8Array[]): readonly Uint8Array[] {
  const end = records.findIndex((record) => {
    try {
      decodeItem(record);
      return false;
    } catch {
      return true;
    }
  });
  return end === -1 ? records : records.slice(0, end);
}

/** Damage in the middle of a file: emits the items before the damage, then an error that names the file. */
export const snapshotTarget: FuzzTarget = {
  name: 'Snapshot',
  weight: 1,
  seeds: [...SEEDS, ...SEEDS.map(encodeTFRecord)],
  run: async (input, draw) => {
    // With sound checksums, or as it is.
    const middle = draw(2) === 0 ? encodeTFRecord(input) : input;
    const frame = (text: string): Uint8Array => encodeTFRecord(Buffer.from(text));
    const bytes = Buffer.concat([frame(HEADER), middle, frame(endOf(draw(8) === 0 ? 2 : 1))]);
    const { records, ending } = readTFRecords(bytes, { maxRecordBytes: MAX_ITEM_BYTES, skipsBadData: false });
    const inside = ending === 'end' ? records.slice(1, -1) : records.slice(1);
    const items = readable(inside);
    const isWhole = ending === 'end' && items.length === inside.length;
    const isSound = isWhole && Buffer.from(records.at(-1)!).toString() === endOf(items.length);
    const reading = { rangeBytes: 1 + draw(bytes.length), concurrency: 1 + draw(3) };
    const items$ = readSnapshot(storedIn(bytes), { name: 'snapshot', reading });
    const found = await lastValueFrom(items$.pipe(materialize(), toArray()));
    assert.equal(found.length, items.length + 1);
    for (const [index, record] of items.entries())
      assert.deepEqual(serialize(found[index]?.value), serialize(decodeItem(record)));
    const { kind, error } = found.at(-1) as { readonly kind: string; readonly error?: unknown };
    assert.equal(kind, isSound ? 'C' : 'E');
    if (!isSound) assert.ok(error instanceof FormatError && error.path === 'file' && error.format === 'Snapshot');
  },
};
