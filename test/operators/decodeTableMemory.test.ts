import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, map, share, toArray, type Observable } from 'rxjs';
import { decodeTable } from '../../operators/decodeTable.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { pullSource } from '../../src/demand/pullSource.js';
import type { Table } from '../../src/formats/table/rowReader.js';
import { fromFifo } from '../../src/sources/fromFifo.js';
import { fromFile } from '../../src/sources/fromFile.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { feedFifo, makeFifo, until } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
const CHUNK_BYTES = 50;
const all = <T>(items$: Observable<T>): Promise<T[]> => lastValueFrom(items$.pipe(toArray()));
const valuesOf = (tables: readonly Table[], name: string): unknown[] =>
  tables.flatMap((table) => [...((table[name]?.data ?? []) as Iterable<unknown>)]);
const textsOf = (values: readonly unknown[]): string[] =>
  values.map((value) => Buffer.from(value as Uint8Array).toString());

const rows = (count: number): string =>
  Array.from({ length: count }, (_, row) => `${row},${row / 8},t${row}\n`).join('');
const TEXT = `n,x,s\n${rows(100)}`;
const NUMBERS = Array.from({ length: 100 }, (_, row) => row);

/** Like a FIFO, this source takes the memory for its next chunk when it has delivered a chunk. It overwrites this memory. */
function source(text: string) {
  const memories = new Set<ArrayBufferLike>();
  let chunks = 0;
  let taken = 0;
  const chunks$ = pullSource<Uint8Array>((outlet) => {
    const bytes = Buffer.from(text);
    const takeNext = (): Uint8Array => {
      const memory = outlet.takeMemory?.(CHUNK_BYTES);
      if (memory) taken++;
      return (memory ?? new Uint8Array(CHUNK_BYTES)).fill(0x21);
    };
    let next = takeNext();
    let at = 0;
    const readNext = (): void => {
      const length = bytes.copy(next, 0, at, at + CHUNK_BYTES);
      memories.add(next.buffer);
      at += length;
      chunks++;
      outlet.deliver(next.subarray(0, length));
      next = takeNext();
    };
    const pull = (): void => {
      if (at === bytes.length) outlet.complete();
      else setImmediate(readNext);
    };
    return { pull, close: () => undefined };
  });
  return { chunks$, memories, chunks: () => chunks, taken: () => taken };
}

describe('the memory of chunks', () => {
  it('is used again if no column is a string', async () => {
    const { chunks$, memories, chunks } = source(TEXT);
    const tables = await all(chunks$.pipe(decodeTable({ batchSize: 7, select: ['n', 'x'], inferRows: 2 })));
    expect(valuesOf(tables, 'n')).toEqual(NUMBERS);
    expect(valuesOf(tables, 'x')).toEqual(NUMBERS.map((row) => row / 8));
    expect(chunks()).toBeGreaterThan(20);
    expect(memories.size).toBeLessThan(6);
  });

  it('is not used again if a column is a string', async () => {
    const { chunks$, memories, chunks, taken } = source(TEXT);
    const tables = await all(chunks$.pipe(decodeTable({ batchSize: 7, inferRows: 2 })));
    expect(textsOf(valuesOf(tables, 's'))).toEqual(NUMBERS.map((row) => `t${row}`));
    expect([memories.size, taken()]).toEqual([chunks(), 0]);
  });

  it('is not used again while the consumer has not taken all tables of the chunk', async () => {
    const { chunks$, memories } = source(TEXT);
    const tables$ = chunks$.pipe(decodeTable({ batchSize: 1, select: ['n'], columns: { n: 'int32' } }));
    const { gate, items } = consumeByHand(tables$, { isOpen: true, onItem: (_item, own) => own.close() });
    for (const row of NUMBERS) {
      gate.open();
      await until(() => items.length > row);
    }
    expect(valuesOf(items, 'n')).toEqual(NUMBERS);
    expect(memories.size).toBeLessThan(6);
  });

  it.each([
    ['an operator', (chunks$: Observable<Uint8Array>) => chunks$.pipe(map((chunk) => chunk))],
    ['share', (chunks$: Observable<Uint8Array>) => chunks$.pipe(share())],
  ])('is not used again behind %s, which could keep chunks', async (_name, between) => {
    const { chunks$, memories, chunks } = source(TEXT);
    await all(between(chunks$).pipe(decodeTable({ batchSize: 7, select: ['n'], inferRows: 2 })));
    expect(memories.size).toBe(chunks());
  });

  it('is not used again by other decoders', async () => {
    const { chunks$, memories, chunks, taken } = source(TEXT);
    const lines = await all(chunks$.pipe(decodeTextLine()));
    expect(textsOf(lines).join('\n')).toBe(TEXT.trimEnd());
    expect([memories.size, taken()]).toEqual([chunks(), 0]);
  });

  it('is never memory that the source did not take', async () => {
    const own = new Uint8Array(Buffer.from('n\n1\n2\n'));
    let taken: Uint8Array | undefined;
    const chunks$ = pullSource<Uint8Array>((outlet) => {
      let isFirst = true;
      const pull = (): void => {
        taken = outlet.takeMemory?.(4);
        if (isFirst) outlet.deliver(own);
        else outlet.complete();
        isFirst = false;
      };
      return { pull, close: () => undefined };
    });
    expect(valuesOf(await all(chunks$.pipe(decodeTable({ batchSize: 9, columns: { n: 'int32' } }))), 'n')).toEqual([
      1, 2,
    ]);
    expect(taken).toHaveLength(4);
    expect(taken?.buffer).not.toBe(own.buffer);
  });

  it('of files and FIFOs is used again, and all rows are read', async () => {
    const count = 60_000;
    const text = `n,x,s\n${rows(count)}`;
    const path = join(newFolder(), 'rows.csv');
    const fifo = makeFifo(join(newFolder(), 'fifo'));
    writeFileSync(path, text);
    const decode = decodeTable({ batchSize: 1000, select: ['n', 'x'] });
    const [ofFile, ofFifo] = await Promise.all([
      all(fromFile(path, { chunkBytes: 30_011 }).pipe(decode)),
      all(fromFifo(fifo).pipe(decode)),
      feedFifo(fifo, Buffer.from(text)),
    ]);
    for (const tables of [ofFile, ofFifo]) {
      expect(valuesOf(tables, 'n')).toEqual(Array.from({ length: count }, (_, row) => row));
      expect(valuesOf(tables, 'x')).toEqual(Array.from({ length: count }, (_, row) => row / 8));
    }
  });
});
