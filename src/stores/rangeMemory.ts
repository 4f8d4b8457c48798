/**
 * Memory of ranges that is used again. Ranges in new memory survive the collections of young memory. V8 then collects
 * the whole heap for each 64 MiB that are read, and the memory of old ranges adds up.
 */
export class RangeMemory {
  readonly #free: ArrayBufferLike[] = [];

  /** Returns memory with any content. */
  take(byteLength: number): Uint8Array {
    const free = this.#free.pop();
    const isEnough = free !== undefined && free.byteLength >= byteLength;
    return new Uint8Array(isEnough ? free : Buffer.allocUnsafeSlow(byteLength).buffer, 0, byteLength);
  }

  /** Call it only when nothing else uses the memory. */
  giveBack({ buffer }: Uint8Array): void {
    this.#free.push(buffer);
  }
}

/** Returns a copy in fresh memory. `slice` fills the memory with zeros first, and does not copy a Buffer. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(Buffer.allocUnsafeSlow(bytes.length).buffer);
  copy.set(bytes);
  return copy;
}
