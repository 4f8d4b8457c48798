import { Gzipper } from '../formats/compression/gzipper.js';
import { RunningCrc32c } from '../formats/crc32c/runningCrc32c.js';
import type { ObjectWriter, WritableStore } from '../stores/store.js';
import type { ManifestFile } from './manifest.js';
import type { RecordBlock } from './recordBlocks.js';

export interface ShardFileOptions {
  readonly store: WritableStore;
  readonly path: string;
  readonly compression: 'none' | 'gzip';
  readonly exclusive: boolean;
  readonly signal: AbortSignal | undefined;
}

export class ShardFile {
  readonly #path: string;
  readonly #writer: ObjectWriter;
  readonly #gzipper: Gzipper | undefined;
  readonly #crc32c = new RunningCrc32c();
  #records = 0;
  #bytes = 0;

  private constructor({ path, compression }: ShardFileOptions, writer: ObjectWriter) {
    this.#path = path;
    this.#writer = writer;
    this.#gzipper = compression === 'gzip' ? new Gzipper() : undefined;
  }

  static async create(options: ShardFileOptions): Promise<ShardFile> {
    const { store, path, exclusive, signal } = options;
    return new ShardFile(options, await store.create(path, { exclusive, signal }));
  }

  async write({ bytes, records }: RecordBlock): Promise<void> {
    this.#records += records;
    await this.#writeAll(this.#gzipper ? await this.#gzipper.write(bytes) : [bytes]);
  }

  async finish(): Promise<ManifestFile> {
    if (this.#gzipper) await this.#writeAll(await this.#gzipper.end());
    await this.#writer.finish();
    return { path: this.#path, records: this.#records, bytes: this.#bytes, crc32c: this.#crc32c.hex };
  }

  async abort(): Promise<void> {
    this.#gzipper?.close();
    await this.#writer.abort();
  }

  async #writeAll(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) {
      this.#crc32c.add(chunk);
      this.#bytes += chunk.length;
      await this.#writer.write(chunk);
    }
  }
}
