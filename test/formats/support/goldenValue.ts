import type { DataOf, DType, NDArray, RaggedArray, SparseArray } from '../../../src/arrays/ndarray.js';

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

export function goldenArray({ dtype, shape, data }: NDArray) {
  return { dtype, shape, values: goldenElements(dtype, data) };
}

function goldenFeature(value: NDArray | SparseArray | RaggedArray) {
  if ('rowSplits' in value) {
    return { kind: 'ragged', rowSplits: [[...value.rowSplits]], values: goldenArray(value.values) };
  }
  if (!('indices' in value)) return { kind: 'dense', ...goldenArray(value) };
  const rank = value.indices.shape[1]!;
  const flat = Array.from(value.indices.data, Number);
  const indices = Array.from({ length: value.indices.shape[0]! }, (_, row) => flat.slice(row * rank, (row + 1) * rank));
  return { kind: 'sparse', indices, values: goldenArray(value.values), denseShape: value.denseShape };
}

/** Returns a parsed example or batch in the form of the golden files. As entries, because a name may be `__proto__`. */
export function goldenEntries(parsed: object): [string, unknown][] {
  const entries = Object.entries(parsed as Record<string, NDArray | SparseArray | RaggedArray>);
  return sortedEntries(entries.map(([name, value]) => [name, goldenFeature(value)]));
}

export function sortedEntries(entries: [string, unknown][]): [string, unknown][] {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}
