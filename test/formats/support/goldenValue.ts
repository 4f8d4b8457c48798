import {
  TYPED_ARRAY_OF,
  type DataOf,
  type DType,
  type NDArray,
  type NestedRaggedArray,
  type RaggedArray,
  type SparseArray,
} from '../../../src/arrays/ndarray.js';
import { fromBase64 } from './fixtures.js';

/** An array in a golden file. */
export interface GoldenArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: readonly unknown[];
}

/** Returns the array of a golden file. */
export function arrayOfGolden({ dtype, shape, values }: GoldenArray): NDArray {
  const isWide = dtype === 'int64' || dtype === 'uint64';
  const elements = values.map((value) => {
    if (dtype === 'bytes') return fromBase64(value as string);
    return isWide ? BigInt(value as string) : Number(String(value).replace('inf', 'Infinity'));
  });
  const data = dtype === 'bytes' ? elements : TYPED_ARRAY_OF[dtype as 'int8'].from(elements as number[]);
  return { dtype, shape, data } as NDArray;
}

/** Returns values in the form of the golden files: int64 as text, bytes in base64, non-finite numbers by name. */
function goldenElements(dtype: DType, data: DataOf[DType]): unknown[] {
  return Array.from<number | bigint | Uint8Array, unknown>(data as ArrayLike<number | bigint | Uint8Array>, (value) => {
    if (dtype === 'bytes') return Buffer.from(value as Uint8Array).toString('base64');
    if (typeof value === 'bigint') return value.toString();
    if (Number.isNaN(value)) return 'nan';
    if (value === Infinity) return 'inf';
    return value === -Infinity ? '-inf' : value;
  });
}

export function goldenArray({ dtype, shape, data }: NDArray): GoldenArray {
  return { dtype, shape, values: goldenElements(dtype, data) };
}

type GoldenValue = NDArray | SparseArray | RaggedArray | NestedRaggedArray;

function goldenFeature(value: GoldenValue): object {
  if ('rowSplits' in value) {
    const rowSplits: number[][] = [];
    let part: NDArray | RaggedArray | NestedRaggedArray = value;
    for (; 'rowSplits' in part; part = part.values) rowSplits.push([...part.rowSplits]);
    return { kind: 'ragged', rowSplits, values: goldenArray(part) };
  }
  if (!('indices' in value)) return { kind: 'dense', ...goldenArray(value) };
  const rank = value.indices.shape[1]!;
  const flat = Array.from(value.indices.data, Number);
  const indices = Array.from({ length: value.indices.shape[0]! }, (_, row) => flat.slice(row * rank, (row + 1) * rank));
  return { kind: 'sparse', indices, values: goldenArray(value.values), denseShape: value.denseShape };
}

/** Returns a parsed example or batch in the form of the golden files. As entries, because a name may be `__proto__`. */
export function goldenEntries(parsed: object): [string, unknown][] {
  const entries = Object.entries(parsed as Record<string, GoldenValue>);
  return sortedEntries(entries.map(([name, value]) => [name, goldenFeature(value)]));
}

export function sortedEntries(entries: [string, unknown][]): [string, unknown][] {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}
