import { rememberCopies } from '../../base/origins.js';
import { CopiedOrigins, type CopiedPart } from './copiedOrigins.js';

/** As large as the chunks of files. Allocating memory for each step takes longer. */
const SLAB_BYTES = 1024 * 1024;

interface Slab {
  readonly bytes: Uint8Array;
  readonly origins: CopiedOrigins;
  used: number;
}

/** New memory for copies of records. Consecutive parts share memory. */
export class OutputMemory {
  #slab: Slab | undefined;

  /** Returns memory with undefined content, from `byteOffset`. The caller must fill it with the records of the part. */
  take(byteLength: number, part: CopiedPart): { readonly bytes: Uint8Array; readonly byteOffset: number } {
    let slab = this.#slab;
    if (!slab || slab.used + byteLength > slab.bytes.length) {
      const { buffer } = Buffer.allocUnsafeSlow(byteLength * 4 > SLAB_BYTES ? byteLength : SLAB_BYTES);
      slab = { bytes: new Uint8Array(buffer), origins: new CopiedOrigins(), used: 0 };
      rememberCopies(buffer, slab.origins);
      this.#slab = slab;
    }
    const { bytes, origins, used: byteOffset } = slab;
    origins.add(byteOffset, part);
    slab.used += byteLength;
    return { bytes, byteOffset };
  }
}
