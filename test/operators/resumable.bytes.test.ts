import { openSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstValueFrom, map, toArray, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { decodeCsv } from '../../operators/decodeCsv.js';
import { decodeRecordIO } from '../../operators/decodeRecordIO.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { prefetch } from '../../operators/prefetch.js';
import { resumable } from '../../operators/resumable.js';
import type { FormatError } from '../../src/base/errors.js';
import { originOf } from '../../src/base/origins.js';
import { encodeRecordIO, encodeRecordIOParts } from '../../src/formats/recordio/encodeRecordIO.js';
import { encodeTextLine } from '../../src/formats/text/encodeTextLine.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { recordsFromFiles, type RecordsFromFilesOptions } from '../../src/pipeline/records/recordsFromFiles.js';
import type { RecordDecoder } from '../../src/pipeline/records/recordFormat.js';
import type { Cursor } from '../../src/resume/cursor.js';
import type { Store } from '../../src/stores/store.js';
import { writeFiles } from '../pipeline/recordFiles.js';
import { FolderStore } from '../pipeline/records/support/folderStore.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { all, cursorAfter, refusal } from './resuming.js';

const newFolder = temporaryFolders();

const MIB = 1024 * 1024;
const KIB = 1024;

type Records = RecordDecoder<Uint8Array | string>;
type Encode = (record: Uint8Array) => Uint8Array;
type Options = Omit<RecordsFromFilesOptions<Records>, 'recordFormat'>;

const inThree: Encode = (record) =>
  encodeRecordIOParts([
    record.subarray(0, 4),
    record.subarray(4, record.length >> 1),
    record.subarray(record.length >> 1),
  ]);

const FORMATS: readonly { readonly name: string; readonly decoder: Records; readonly encode: Encode }[] = [
  { name: 'TFRecord', decoder: decodeTFRecord(), encode: encodeTFRecord },
  { name: 'RecordIO', decoder: decodeRecordIO(), encode: encodeRecordIO },
  { name: 'RecordIO in parts', decoder: decodeRecordIO({ multipart: 'concat' }), encode: inThree },
  { name: 'TextLine', decoder: decodeTextLine(), encode: encodeTextLine },
  { name: 'text with skipLines', decoder: decodeTextLine({ encoding: 'utf8', skipLines: 1 }), encode: encodeTextLine },
];

/** A store of the files in a folder. Its objects have chunks of one size and no ranges. */
function wholeStore(folder: string, chunkBytes: number): Store {
  const { schemes, list, read } = new FolderStore(folder);
  return {
    schemes,
    read,
    async *list(...args) {
      for await (const object of list(...args)) yield { ...object, hasRanges: false };
    },
    async *readAll(object) {
      const bytes = await read(object, 0, object.byteLength ?? 0);
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.slice(at, at + chunkBytes);
    },
  };
}

/** Makes a record of one repeated letter, without a newline. */
const recordOf = (byteLength: number, index: number): Uint8Array =>
  new Uint8Array(byteLength).fill(0x41 + (index % 26));

/** Writes the files `0`, `1`, …, with records of these lengths. */
function folderOf(files: readonly (readonly number[])[], encode: Encode): string {
  const folder = newFolder();
  const contentOf = (lengths: readonly number[]) =>
    Buffer.concat(lengths.map((bytes, index) => encode(recordOf(bytes, index))));
  writeFiles(folder, Object.fromEntries(files.map((lengths, file) => [String(file), contentOf(lengths)])));
  return folder;
}

/** Maps a record to its content and its origin. */
const described = map((record: Uint8Array | string) => {
  return { length: record.length, crc32: crc32(record), origin: originOf(record) };
});

const fromStore = (store: Store, decoder: Records, options: Options = {}) =>
  recordsFromFiles('disk://data/', { recordFormat: decoder, store, ...options });

type Read = (decoder: Records, options: Options) => Observable<Uint8Array | string>;

/** The sources for the bytes of a folder. */
const SOURCES = {
  local: (folder: string): Read => {
    return (recordFormat, options) => recordsFromFiles(folder, { recordFormat, ...options });
  },
  ranges: (folder: string): Read => {
    return (decoder, options) => fromStore(new FolderStore(folder), decoder, options);
  },
  chunks: (folder: string, chunkBytes: number): Read => {
    return (decoder, options) => fromStore(wholeStore(folder, chunkBytes), decoder, options);
  },
};

/** Returns all items of a pass, and the cursor after each item. */
async function withCursors<T>(source$: Observable<T>, recordsPerItem = 1, cursor?: Cursor) {
  const resume = resumable<T>({ recordsPerItem, cursor });
  const seen$ = source$.pipe(
    resume,
    map((item) => ({ item, cursor: JSON.parse(JSON.stringify(resume.cursor())) as Cursor })),
    toArray(),
  );
  const seen = await firstValueFrom(seen$);
  return { items: seen.map(({ item }) => item), cursors: seen.map((each) => each.cursor) };
}

const LARGE = Array.from({ length: 40 }, () => 100 * KIB);

const startOf = (range: string | undefined): number => Number(/ (\d+)-/.exec(range ?? '')?.[1]);

interface Run {
  readonly decoder?: Records;
  readonly encode?: Encode;
  readonly options?: Options;
}

/** Makes a store with one file of 40 records of 100 KiB, and the cursor after 30 records. */
async function stopped({ decoder = decodeTFRecord(), encode = encodeTFRecord, options = {} }: Run = {}) {
  const store = new FolderStore(folderOf([LARGE], encode));
  const cursor = await cursorAfter(30, fromStore(store, decoder, options), { recordsPerItem: 1 });
  store.ranges.length = 0;
  return { store, cursor };
}

describe('resumable with recordsPerItem, inside a file', () => {
  it.each(FORMATS)(
    'reads $name from at most 1 MiB and a record before the next record',
    async ({ decoder, encode }) => {
      const { store, cursor } = await stopped({ decoder, encode });
      const source$ = fromStore(store, decoder);
      await all(source$.pipe(resumable({ cursor, recordsPerItem: 1 })));
      const next = encode(recordOf(100 * KIB, 0)).length * 30;
      expect(store.ranges).toHaveLength(1);
      expect(startOf(store.ranges[0])).toBeLessThanOrEqual(next);
      expect(startOf(store.ranges[0])).toBeGreaterThan(next - MIB - 201 * KIB);
    },
  );

  it.each(FORMATS)('goes on with $name at every item, with the same origins', async ({ decoder, encode }) => {
    const length = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 900 * KIB }));
    const cases = fc.record({
      files: fc.array(fc.array(length, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
      source: fc.constantFrom<keyof typeof SOURCES>('local', 'ranges', 'chunks'),
      chunkBytes: fc.integer({ min: 20 * KIB, max: 3 * MIB }),
      size: fc.integer({ min: 1, max: 3 }),
      cycleLength: fc.constantFrom(1, 1, 2),
    });
    const large = [500, 700 * KIB, 3, 600 * KIB, 900 * KIB, 1, 700 * KIB];
    const known = { files: [large, [9]], chunkBytes: 200 * KIB, size: 1, cycleLength: 1 };
    let marked = 0;
    await fc.assert(
      fc.asyncProperty(cases, async ({ files, source, chunkBytes, size, cycleLength }) => {
        const records$ = SOURCES[source](folderOf(files, encode), chunkBytes)(decoder, { shuffleSeed: 1, cycleLength });
        const items$ = records$.pipe(described, batch(size), prefetch(2));
        const { items, cursors } = await withCursors(items$, size);
        for (const [index, cursor] of cursors.entries()) {
          if (markOf(cursor) !== undefined) marked++;
          const rest = await withCursors(items$, size, cursor);
          expect(rest.items).toEqual(items.slice(index + 1));
          const again = rest.cursors[0];
          if (again && index % 3 === 0)
            expect((await withCursors(items$, size, again)).items).toEqual(items.slice(index + 2));
        }
      }),
      { numRuns: 6, examples: (['local', 'ranges', 'chunks'] as const).map((source) => [{ ...known, source }]) },
    );
    expect(marked).toBeGreaterThan(0);
  });

  it('reads a local file from there: its earlier bytes may be lost', async () => {
    const folder = folderOf([LARGE], encodeTFRecord);
    const records$ = recordsFromFiles(folder, { recordFormat: 'TFRecord' }).pipe(described);
    const { items, cursors } = await withCursors(records$);
    overwrite(join(folder, '0'), 0, 2 * MIB);
    expect((await withCursors(records$, 1, cursors[32])).items).toEqual(items.slice(33));
  });

  it('reads a plain file after a compressed one from there', async () => {
    const folder = newFolder();
    const records = Buffer.concat(LARGE.map((length, index) => encodeTFRecord(recordOf(length, index))));
    writeFiles(folder, { a: gzipSync(encodeTFRecord(recordOf(9, 0))), b: records });
    const store = new FolderStore(folder);
    const records$ = fromStore(store, decodeTFRecord()).pipe(described);
    const { items, cursors } = await withCursors(records$);
    store.ranges.length = 0;
    expect((await withCursors(records$, 1, cursors[30])).items).toEqual(items.slice(31));
    expect(store.ranges).toEqual([expect.stringMatching(/^b 2\d{6}-/)]);
  });

  it('reads the next epoch from its start', async () => {
    const { store, cursor } = await stopped();
    const resumed$ = fromStore(store, decodeTFRecord()).pipe(resumable({ cursor, recordsPerItem: 1 }));
    expect(await all(resumed$)).toHaveLength(10);
    expect(await all(resumed$)).toHaveLength(40);
    expect(store.ranges.map(startOf)).toEqual([expect.any(Number), 0]);
  });

  it('refuses a file of the same size whose bytes differ after the mark', async () => {
    const { decoder, encode } = { decoder: decodeTextLine() as Records, encode: encodeTextLine };
    const folder = folderOf([LARGE], encode);
    const lines$ = recordsFromFiles(folder, { recordFormat: decoder });
    const cursor = await cursorAfter(30, lines$, { recordsPerItem: 1 });
    overwrite(join(folder, '0'), 0, 40 * 100 * KIB);
    const { message } = await refusal(lines$, { cursor, recordsPerItem: 1 });
    expect(message).toMatch(
      /inputs\..*\.start\.mark: crc32 of the 4096 bytes at byte \d+: expected \d+ \(from the cursor\), found \d+/,
    );
  });
});

function overwrite(path: string, from: number, to: number): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.alloc(to - from, 0x20), 0, to - from, from);
  closeSync(fd);
}

describe('resumable begins with the whole file', () => {
  const beginsAt = async (store: FolderStore, cursor: Cursor, decoder: Records, options: Options = {}) => {
    const rest = await all(fromStore(store, decoder, options).pipe(resumable({ cursor, recordsPerItem: 1 })));
    expect(rest.length).toBeGreaterThan(0);
    return startOf(store.ranges[0]);
  };

  it('if the cursor has no mark', async () => {
    const { store, cursor } = await stopped();
    const [name = '', input] = Object.entries(cursor.inputs)[0] ?? [];
    const older = { ...cursor, inputs: { [name]: { ...input!, start: { file: 0, records: 0 } } } };
    expect(await beginsAt(store, older, decodeTFRecord())).toBe(0);
  });

  it('if the decoder or the compression is another one', async () => {
    const { store, cursor } = await stopped({ decoder: decodeTextLine(), encode: encodeTextLine });
    expect(await beginsAt(store, cursor, decodeTextLine({ carriageReturns: 'keep' }))).toBe(0);
    store.ranges.length = 0;
    expect(await beginsAt(store, cursor, decodeTextLine(), { compression: 'none' })).toBe(0);
  });

  it('if bad records are skipped, or if the decoder is your own', async () => {
    for (const decoder of [
      decodeTFRecord({ onBadRecord: 'skip' }),
      (bytes$: Observable<Uint8Array>) => bytes$.pipe(decodeTFRecord()),
    ]) {
      const { store, cursor } = await stopped({ decoder });
      expect(await beginsAt(store, cursor, decoder)).toBe(0);
    }
  });

  it('if several files are open', async () => {
    const options = { cycleLength: 2 };
    const { store, cursor } = await stopped({ options });
    expect(await beginsAt(store, cursor, decodeTFRecord(), options)).toBe(0);
  });

  it('if it is compressed, whatever its name', async () => {
    const noise = Array.from({ length: 40 }, (_, index) => encodeTFRecord(recordOf(100 * KIB, index)));
    for (const name of ['a', 'a.gz']) {
      const folder = newFolder();
      writeFiles(folder, { [name]: gzipSync(Buffer.concat(noise), { level: 0 }) });
      const store = new FolderStore(folder);
      const cursor = await cursorAfter(30, fromStore(store, decodeTFRecord()), { recordsPerItem: 1 });
      store.ranges.length = 0;
      expect(await beginsAt(store, cursor, decodeTFRecord())).toBe(0);
    }
  });
});

describe('an error after a resume', () => {
  const errorOf = (source$: Observable<unknown>): Promise<Record<string, unknown>> =>
    all(source$).then(
      () => ({}),
      (error: unknown) => {
        const { message, kind, byteOffset, recordIndex, path } = error as FormatError;
        return { message, kind, byteOffset, recordIndex, path };
      },
    );

  it.each([
    { name: 'TFRecord', decoder: decodeTFRecord(), encode: encodeTFRecord },
    { name: 'RecordIO', decoder: decodeRecordIO(), encode: encodeRecordIO },
    { name: 'text', decoder: decodeTextLine({ encoding: 'utf8' }), encode: encodeTextLine },
  ])('names the same place in $name', async ({ decoder, encode }) => {
    const folder = newFolder();
    const bytes = Buffer.concat(LARGE.map((length, index) => encode(recordOf(length, index))));
    const at = encode(recordOf(100 * KIB, 0)).length * 37;
    bytes[at + 1]! ^= 0x80;
    writeFiles(folder, { '0': bytes });
    const records$ = recordsFromFiles(folder, { recordFormat: decoder });
    const cursor = await cursorAfter(33, records$, { recordsPerItem: 1 });
    expect(markOf(cursor)).toBeGreaterThan(2 * MIB);
    const expected = await errorOf(records$);
    expect(expected).toMatchObject({ byteOffset: at, recordIndex: 37 });
    expect(await errorOf(records$.pipe(resumable({ cursor, recordsPerItem: 1 })))).toEqual(expected);
  });

  it('names the same line', async () => {
    const folder = newFolder();
    const cells = `,${'x'.repeat(200)}\n`;
    const rows = Array.from({ length: 12_000 }, (_, index) => `${index === 11_000 ? 'bad' : index}${cells}`);
    writeFiles(folder, { 'a.csv': rows.join('') });
    const rows$ = recordsFromFiles(folder, { recordFormat: decodeTextLine({ skipLines: 1 }) }).pipe(
      decodeCsv(['float32', 'string']),
    );
    const cursor = await cursorAfter(10_000, rows$, { recordsPerItem: 1 });
    expect(markOf(cursor)).toBeGreaterThan(MIB - KIB);
    const { message, path } = await errorOf(rows$);
    expect(message).toContain('line 11001');
    expect(await errorOf(rows$.pipe(resumable({ cursor, recordsPerItem: 1 })))).toMatchObject({ message, path });
  });
});

function markOf(cursor: Cursor): number | undefined {
  return Object.values(cursor.inputs)[0]?.start?.mark?.byteOffset;
}
