import { crc32c } from './crc32c.js';
import { afterZeroBytes } from './crc32cFold.js';

export class RunningCrc32c {
  #crc = 0;

  add(bytes: Uint8Array): void {
    this.#crc = crc32c(bytes) ^ afterZeroBytes(this.#crc, bytes.length);
  }

  get hex(): string {
    return (this.#crc >>> 0).toString(16).padStart(8, '0');
  }
}
