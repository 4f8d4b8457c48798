import type { Draw } from '../support/poisonedChunks.js';

/** Values at which lengths, counts and signs often go wrong. */
export const BOUNDARIES: readonly bigint[] = [
  ...[
    0n,
    1n,
    0x7fn,
    0x80n,
    0xffn,
    0xffffn,
    2n ** 29n - 1n,
    2n ** 29n,
    2n ** 31n - 1n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 32n,
  ],
  ...[2n ** 53n, 2n ** 62n, 2n ** 63n, 2n ** 64n - 1n],
];

/** Inputs are limited, because most of the time would be used for copying. */
const MAX_BYTES = 4096;

/** Returns a copy in which the bytes from `start` to `end` are replaced. */
export function replaced(input: Uint8Array, start: number, end: number, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([input.subarray(0, start), bytes, input.subarray(Math.max(start, end))]));
}

/** Encodes an integer, little endian. */
export function littleEndian(value: bigint, byteCount: number): Uint8Array {
  return new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, value)).buffer, 0, byteCount);
}

const randomBytes = (draw: Draw): Uint8Array => Uint8Array.from({ length: 1 + draw(8) }, () => draw(256));

/** Changes an input. `other` is another known input. */
type Mutation = (input: Uint8Array, draw: Draw, other: Uint8Array) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  // One bit, one byte, or several bytes.
  (input, draw) => {
    const changed = input.slice();
    if (changed.length > 0) changed[draw(changed.length)]! ^= 1 << draw(8);
    return changed;
  },
  (input, draw) => {
    const at = draw(input.length + 1);
    const [byte] = littleEndian(BOUNDARIES[draw(5)]!, 1);
    return replaced(input, at, at + 1, Uint8Array.of(draw(2) === 0 ? draw(256) : byte!));
  },
  (input, draw) => {
    const at = draw(input.length + 1);
    return replaced(input, at, at, randomBytes(draw));
  },
  // Ranges: removed, repeated, moved, or cut off.
  (input, draw) => {
    const at = draw(input.length + 1);
    return replaced(input, at, at + draw(input.length - at + 1), new Uint8Array(0));
  },
  (input, draw) => {
    const start = draw(input.length + 1);
    const stretch = input.subarray(start, start + draw(input.length - start + 1));
    const at = draw(2) === 0 ? start : draw(input.length + 1);
    return replaced(input, at, at, stretch);
  },
  (input, draw) => input.slice(0, draw(input.length + 1)),
  // A number in one of the encodings of the formats.
  (input, draw) => {
    const at = draw(input.length + 1);
    const size = 1 << draw(4);
    return replaced(input, at, at + size, littleEndian(BOUNDARIES[draw(BOUNDARIES.length)]!, size));
  },
  // The start of one input with the end of another.
  (input, draw, other) => replaced(input, draw(input.length + 1), input.length, other.subarray(draw(other.length + 1))),
];

export interface MutateOptions {
  readonly draw: Draw;
  readonly other: Uint8Array;
  /** The format's own changes. */
  readonly mutate: ((input: Uint8Array, draw: Draw) => Uint8Array) | undefined;
}

/** Applies one to five changes to an input. */
export function mutated(input: Uint8Array, { draw, other, mutate }: MutateOptions): Uint8Array {
  let changed = input;
  for (let count = 1 + draw(3) * draw(3); count > 0; count--) {
    const isOwn = mutate !== undefined && draw(3) === 0;
    const change: Mutation = isOwn ? mutate : MUTATIONS[draw(MUTATIONS.length)]!;
    changed = change(changed, draw, other).slice(0, MAX_BYTES);
  }
  return changed;
}
