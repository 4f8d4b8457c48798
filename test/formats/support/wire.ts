/** A varint of any number. */
export function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

/** A length-delimited field. */
export function field(number: number, content: Iterable<number>): number[] {
  const bytes = [...content];
  return [...varint(BigInt((number << 3) | 2)), ...varint(BigInt(bytes.length)), ...bytes];
}

/** Makes the entry of a feature from the bytes of its Feature. */
export function entry(name: string, feature: Iterable<number>): number[] {
  return field(1, [...field(1, Buffer.from(name)), ...field(2, feature)]);
}

/** Makes a serialized Example from the entries of its features. */
export function example(...entries: readonly number[][]): Uint8Array {
  return Uint8Array.from(field(1, entries.flat()));
}

/** Makes the bytes of a Feature: a packed list of each kind. */
export const int64Feature = (...values: readonly bigint[]) => field(3, field(1, values.flatMap(varint)));
export const floatFeature = (...values: readonly number[]) => {
  return field(2, field(1, new Uint8Array(Float32Array.from(values).buffer)));
};
export const bytesFeature = (...values: readonly Uint8Array[]) =>
  field(
    1,
    values.flatMap((value) => field(1, value)),
  );
