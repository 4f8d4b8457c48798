import { createGzip } from 'node:zlib';

const OUTPUT_BYTES = 64 * 1024;

/**
 * Compresses to gzip on libuv's thread pool. Equal input produces equal bytes, because the header contains no
 * modification time.
 */
export class Gzipper {
  readonly #stream = createGzip({ chunkSize: OUTPUT_BYTES });
  #output: Uint8Array[] = [];
  #failure: Error | undefined;

  constructor() {
    this.#stream.on('data', (chunk: Uint8Array) => this.#output.push(chunk));
    this.#stream.on('error', (error) => {
      this.#failure = error;
    });
  }

  /** Adds bytes, and returns the compressed chunks that are ready, often none. */
  async write(bytes: Uint8Array): Promise<Uint8Array[]> {
    await new Promise<void>((resolve) => this.#stream.write(bytes, () => resolve()));
    return this.#take();
  }

  async end(): Promise<Uint8Array[]> {
    await new Promise<void>((resolve) => this.#stream.once('close', resolve).end());
    return this.#take();
  }

  /** May be called during a write. */
  close(): void {
    this.#stream.destroy();
  }

  #take(): Uint8Array[] {
    if (this.#failure) throw this.#failure;
    return this.#output.splice(0);
  }
}
