import {
  TYPED_ARRAY_OF,
  type DType,
  type NDArray,
  type NestedRaggedArray,
  type RaggedArray,
  type SparseArray,
} from '../../../src/arrays/ndarray.js';

type Elements = readonly Uint8Array[];

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');

/** Returns an array as text, from the bytes of its elements. */
export function arrayText(dtype: DType, shape: readonly number[], elements: Elements): string {
  return `${dtype}[${shape.join()}] ${elements.map(hexOf).join(dtype === 'bytes' ? ',' : '')}`;
}

function arrayTextOf({ dtype, shape, data }: NDArray): string {
  if (dtype === 'bytes') return arrayText(dtype, shape, data);
  const { BYTES_PER_ELEMENT } = TYPED_ARRAY_OF[dtype];
  if (data.byteLength !== data.length * BYTES_PER_ELEMENT) throw new Error(`not the array of ${dtype}`);
  return arrayText(dtype, shape, [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}

/** Returns a parsed value as text that shows every bit. */
export function columnText(value: NDArray | SparseArray | RaggedArray | NestedRaggedArray): string {
  if ('rowSplits' in value) return `ragged ${[...value.rowSplits].join()} ${columnText(value.values)}`;
  if (!('indices' in value)) return arrayTextOf(value);
  return `sparse ${arrayTextOf(value.indices)} ${arrayTextOf(value.values)} [${value.denseShape.join()}]`;
}

/** Returns a sparse array as such a text. */
export function sparseText(
  indices: readonly (readonly bigint[])[],
  rank: number,
  values: string,
  denseShape: readonly number[],
): string {
  const places = indices.flat().map((place) => new Uint8Array(BigInt64Array.of(place).buffer));
  return `sparse ${arrayText('int64', [indices.length, rank], places)} ${values} [${denseShape.join()}]`;
}
