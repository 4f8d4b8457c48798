/**
 * Reuses the memory of ranges. New memory would survive the collections of young objects, so old memory would add up,
 * and V8 would collect the whole heap for each 64 MiB that are read.
 */
export class RangeMemory {
  readonly #free: ArrayBufferLike[] = [];

  /** Returns memory with any content. */
  take(byteLength: number): Uint8Array {
    const free = this.#free.pop();
    const isEnough = free !== undefined && free.byteLength >= byteLength;
    return new Uint8Array(isEnough ? free : Buffer.allocUnsafeSlow(byteLength).buffer, 0, byteLength);
  }

  /** Nothing else may use the memory. */
  giveBack({ buffer }: Uint8Array): void {
    this.#free.push(buffer);
  }
}

/** Copies bytes. `slice` would first fill the new memory with zeros, and would not copy the bytes of a Buffer. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(Buffer.allocUnsafeSlow(bytes.length).buffer);
  copy.set(bytes);
  return copy;
}
