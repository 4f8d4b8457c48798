/**
 * Reuses the memory of ranges. Ranges live so long that only a collection of the whole heap frees their memory. Without
 * reuse, V8 would collect the whole heap for each 64 MiB that are read.
 */
export class RangeMemory {
  readonly #free: ArrayBufferLike[] = [];

  /** Returns memory with undefined content. The caller must fill it. */
  take(byteLength: number): Uint8Array {
    const free = this.#free.pop();
    const isEnough = free !== undefined && free.byteLength >= byteLength;
    return new Uint8Array(isEnough ? free : Buffer.allocUnsafeSlow(byteLength).buffer, 0, byteLength);
  }

  /** Call this only if nothing else uses the memory. */
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
