import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NEVER, type Observable } from 'rxjs';
import { snapshot } from '../../operators/snapshot.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { encodeItem } from '../../src/base/itemCodec.js';
import { endOf, HEADER } from '../../src/snapshots/readSnapshot.js';
import { all } from '../sinks/support/numbered.js';
import { temporaryFolder } from '../agent/temporaryJob.js';
import { filesBelow } from './support/folders.js';
import { sameItem } from './support/sameItem.js';

const ITEMS: readonly unknown[] = Array.from({ length: 6 }, (_, index) =>
  index % 2 === 0 ? Uint8Array.of(index, 1, 2) : { index, x: Float32Array.of(index, 0.5) },
);
const OPTIONS = { key: 'v1' };

const [sound, folder] = [temporaryFolder(), temporaryFolder()];
let bytes: Buffer;
let copy: string;

beforeAll(async () => {
  await all(fromIterable(ITEMS).pipe(snapshot(sound, OPTIONS)));
  const [file = ''] = filesBelow(sound);
  bytes = readFileSync(file);
  copy = join(folder, basename(file));
});

afterAll(() => {
  for (const each of [sound, folder]) rmSync(each, { recursive: true, force: true });
});

interface Outcome {
  readonly items: readonly unknown[];
  readonly error: unknown;
}

/** Reads a file. The source never ends, so the items can only come from the snapshot. */
function outcomeOf(content: Uint8Array): Promise<Outcome> {
  writeFileSync(copy, content);
  const items: unknown[] = [];
  const kept$: Observable<unknown> = NEVER.pipe(snapshot(folder, OPTIONS));
  return new Promise((resolve) => {
    kept$.subscribe({
      next: (item) => items.push(item),
      error: (error: unknown) => resolve({ items, error }),
      complete: () => resolve({ items, error: undefined }),
    });
  });
}

function expectNamed({ items, error }: Outcome, reason = /./): void {
  expect(sameItem(items, ITEMS.slice(0, items.length))).toBe(true);
  expect(error).toMatchObject({ name: 'FormatError', format: 'Snapshot', path: copy });
  const { message } = error as Error;
  expect(message).toContain(`Snapshot: cannot read ${copy}: `);
  expect(message).not.toContain('..');
  expect(message).toContain('. Remove this snapshot, so that the next epoch writes it again');
  expect(message).toMatch(reason);
}

/** A file of these texts and items, with sound checksums. */
const fileOf = (...records: readonly unknown[]): Buffer =>
  Buffer.concat(
    records.map((record) =>
      encodeTFRecord(typeof record === 'string' ? Buffer.from(record) : encodeItem('snapshot', record)),
    ),
  );

describe('a damaged snapshot', () => {
  it('is sound before', async () => {
    expect(bytes).toEqual(fileOf(HEADER, ...ITEMS, endOf(ITEMS.length)));
    const { items, error } = await outcomeOf(bytes);
    expect([sameItem(items, ITEMS), error]).toEqual([true, undefined]);
  });

  it('fails with an error that names the file, whichever byte is changed', async () => {
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      expectNamed(await outcomeOf(changed));
    }
  });

  it('fails wherever the file ends', async () => {
    for (let end = 0; end < bytes.length; end++) expectNamed(await outcomeOf(bytes.subarray(0, end)));
  });

  it('fails if the file is longer, or if items are missing', async () => {
    expectNamed(await outcomeOf(Buffer.concat([bytes, fileOf(1)])));
    expectNamed(await outcomeOf(Buffer.concat([bytes, Buffer.alloc(1)])));
    const shorter = fileOf(HEADER, ...ITEMS.slice(0, 2), endOf(ITEMS.length));
    expectNamed(await outcomeOf(shorter), /: expected "end of 2 items", found "end of 6 items"\. /);
  });

  it('fails if the file is of another version, or is no snapshot', async () => {
    const later = await outcomeOf(fileOf('millrace snapshot 2', 1, endOf(1)));
    expectNamed(later, /: expected "millrace snapshot 1", found "millrace snapshot 2"\. /);
    expect(later.items).toEqual([]);
    expectNamed(await outcomeOf(Buffer.from('some text')));
  });

  it('is written again after it has been removed', async () => {
    await outcomeOf(bytes.subarray(0, 1));
    rmSync(copy);
    expect(await all(fromIterable([1, 2]).pipe(snapshot(folder, OPTIONS)))).toEqual([1, 2]);
    expect((await outcomeOf(readFileSync(copy))).items).toEqual([1, 2]);
  });
});
