/**
 * Memory that is used again. Without reuse, V8 collects the whole heap for each 10 to 60 MB of new memory, because only
 * such a collection frees large, long-lived memory.
 */
export class ReusedMemory {
  readonly #free: ArrayBufferLike[] = [];
  readonly #taken = new WeakSet<ArrayBufferLike>();

  /** Returns memory with undefined content. The caller must fill it. */
  take(byteLength: number): Uint8Array {
    const free = this.#free.pop();
    const isEnough = free !== undefined && free.byteLength >= byteLength;
    const buffer = isEnough ? free : Buffer.allocUnsafeSlow(byteLength).buffer;
    this.#taken.add(buffer);
    return new Uint8Array(buffer, 0, byteLength);
  }

  /** Call this only if nothing else uses the memory. Ignores memory that is not from `take`. */
  giveBack({ buffer }: Uint8Array): void {
    if (this.#taken.delete(buffer)) this.#free.push(buffer);
  }
}
