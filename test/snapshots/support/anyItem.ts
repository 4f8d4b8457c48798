import fc from 'fast-check';

const VIEWS = [
  ...[Uint8Array, Int8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
] as const;

const view = fc
  .tuple(fc.constantFrom(...VIEWS), fc.uint8Array({ maxLength: 40 }), fc.nat({ max: 8 }))
  .map(([View, bytes, before]) => {
    const size = View.BYTES_PER_ELEMENT;
    const length = Math.floor(bytes.length / size);
    // A view in the middle of its memory.
    const memory = new ArrayBuffer((before + length + 1) * size);
    new Uint8Array(memory).set(bytes.subarray(0, length * size), before * size);
    return new View(memory, before * size, length);
  });

const bytesArray = fc
  .array(fc.uint8Array({ maxLength: 10 }))
  .map((data) => ({ dtype: 'bytes', shape: [data.length], data }));
const int64Array = fc.bigInt64Array({ maxLength: 6 }).map((data) => ({ dtype: 'int64', shape: [data.length], data }));

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', 'a\udc00b', '__proto__', 'constructor', 'ÿ', 'Ā', '\0'),
);

const plain = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, false, 0, -0, NaN, Infinity, -Infinity, 2 ** 53 + 2),
  fc.double(),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
  text,
  // Node.js compares two invalid Dates as different.
  fc.date({ noInvalidDate: true }),
  view,
  bytesArray,
  int64Array,
);

/** Any item that a snapshot can store. */
export const anyItem: fc.Arbitrary<unknown> = fc.letrec<{ item: unknown }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    plain,
    fc.array(tie('item'), { maxLength: 5 }),
    fc.dictionary(text, tie('item'), { maxKeys: 5, noNullPrototype: true }),
    fc.array(fc.tuple(tie('item'), tie('item')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie('item'), { maxLength: 4 }).map((parts) => new Set(parts)),
  ),
})).item;
