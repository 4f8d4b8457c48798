/** Type tests: this file is compiled and never run. */
import type { OperatorFunction } from 'rxjs';
import { decodeTable } from '../../operators/decodeTable.js';
import type { NDArray } from '../../src/arrays/ndarray.js';
import type { Table } from '../../src/formats/table/rowReader.js';
import type { TableItem } from '../../src/formats/table/tableTypes.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function assertType<_T extends true>(): void {}
type ItemOf<O> = O extends OperatorFunction<Uint8Array, infer T> ? T : never;

declare const names: string[];

const all = decodeTable({ batchSize: 1, columns: { a: 'int32', s: { dtype: 'string' } } });
const selected = decodeTable({ batchSize: 1, columns: { a: 'int32', b: 'bool' }, select: ['a', 'c'] });
const labelled = decodeTable({ batchSize: 1, columns: { a: 'int32', y: 'float32' }, select: ['a', 'y'], label: 'y' });
const outside = decodeTable({ batchSize: 1, columns: { y: 'float32' }, select: ['a'], label: 'y' });
const unknown = decodeTable({ batchSize: 1, select: names });

assertType<Equal<ItemOf<typeof all>, { a: NDArray<'int32'>; s: NDArray<'bytes'> } & Table>>();
assertType<Equal<ItemOf<typeof selected>, { a: NDArray<'int32'>; c: NDArray }>>();
assertType<Equal<ItemOf<typeof labelled>['xs'], { a: NDArray<'int32'> }>>();
assertType<Equal<ItemOf<typeof labelled>['ys'], NDArray<'float32'>>>();
assertType<Equal<ItemOf<typeof outside>['xs'], { a: NDArray }>>();
assertType<Equal<ItemOf<typeof outside>['ys'], NDArray<'float32'>>>();
assertType<Equal<string extends keyof ItemOf<typeof unknown> ? true : false, true>>();

interface Declared {
  readonly batchSize: 1;
  readonly columns: { readonly a: 'int32'; readonly b: 'bool' };
  readonly select: readonly ['a'];
}
assertType<Equal<TableItem<Declared>, { a: NDArray<'int32'> }>>();
