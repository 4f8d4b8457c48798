import type { Observable } from 'rxjs';
import type { WrittenFiles } from '../demand/output.js';
import type { WritableStore } from '../stores/store.js';
import { saveManifest, withFile, type Manifest, type ManifestFile } from './manifest.js';
import type { EarlierRun } from './earlierRun.js';
import { RecordBlocks, type RecordBlock, type RecordEncoder } from './recordBlocks.js';
import { refuseOwnFiles } from './refuseOwnFiles.js';
import { ShardFile } from './shardFile.js';
import type { ShardPattern } from './shardPattern.js';

export interface RecordsJobOptions<R> {
  readonly store: WritableStore;
  readonly pattern: ShardPattern;
  readonly encode: RecordEncoder<R>;
  /** If true, a new file also replaces a file that another run has created since this run began. */
  readonly overwrite: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Up to this number of files, the manifest is saved after each file. With more files, after each further 1 %. */
const MAX_SAVED_SINGLY = 100;

export class RecordsJob<R> {
  readonly #options: RecordsJobOptions<R>;
  readonly #isResumed: boolean;
  readonly #stale: readonly string[];
  #manifest: Manifest;
  #unsaved = 0;
  #hasBegun = false;
  #file: ShardFile | undefined;

  constructor({ manifest, isResumed, stale }: EarlierRun, options: RecordsJobOptions<R>) {
    this.#options = options;
    this.#manifest = manifest;
    this.#isResumed = isResumed;
    this.#stale = stale;
  }

  async run(source: Observable<R>): Promise<Manifest> {
    const { recordsPerFile, bytesPerFile, records: skip } = this.#manifest;
    const { encode } = this.#options;
    const output = this.#output();
    const blocks = new RecordBlocks(source, { encode, recordsPerFile, bytesPerFile, skip, output });
    try {
      for (let block = await blocks.next(); block; block = await blocks.next()) {
        const writing = this.#write(block);
        // The next block is encoded while this block is written.
        blocks.request();
        await writing;
      }
      if (this.#manifest.files.length === 0) await this.#write(NO_RECORDS);
      await this.#removeStale();
      this.#manifest = { ...this.#manifest, isComplete: true };
      await this.#save();
      return this.#manifest;
    } catch (error) {
      blocks.close();
      await this.#file?.abort();
      throw error;
    }
  }

  async #write(block: RecordBlock): Promise<void> {
    this.#file ??= await this.#create();
    await this.#file.write(block);
    if (!block.isLastOfFile) return;
    await this.#begin();
    await this.#add(await this.#file.finish());
  }

  #output(): WrittenFiles {
    const { store, pattern } = this.#options;
    const existing = [...this.#manifest.files.map(({ path }) => path), ...this.#stale];
    return refuseOwnFiles({ pattern, existing, isLocal: store.schemes.length === 0 });
  }

  #create(): Promise<ShardFile> {
    const { store, pattern, overwrite, signal } = this.#options;
    const { compression, files } = this.#manifest;
    const path = pattern.pathOf(files.length);
    const exclusive = !overwrite && !this.#stale.includes(path);
    return ShardFile.create({ store, path, compression, exclusive, signal });
  }

  /** Called before the first file is finished. If the run fails earlier, the old manifest remains. */
  async #begin(): Promise<void> {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    if (!this.#isResumed) await this.#save({ exclusive: !this.#options.overwrite });
  }

  /** Called only after the source has completed, because the source may read the old files. */
  async #removeStale(): Promise<void> {
    const { store, signal } = this.#options;
    const written = new Set(this.#manifest.files.map(({ path }) => path));
    for (const path of this.#stale) if (!written.has(path)) await store.remove(path, { signal });
  }

  async #add(file: ManifestFile): Promise<void> {
    this.#file = undefined;
    this.#manifest = withFile(this.#manifest, file);
    this.#unsaved++;
    if (this.#unsaved * MAX_SAVED_SINGLY >= this.#manifest.files.length) await this.#save();
  }

  async #save({ exclusive = false } = {}): Promise<void> {
    const { store, pattern, signal } = this.#options;
    await saveManifest(store, pattern.manifestPath, { manifest: this.#manifest, exclusive, signal });
    this.#unsaved = 0;
  }
}

/** A source without records makes one file, so that readers of the pattern find a file. */
const NO_RECORDS: RecordBlock = { bytes: new Uint8Array(0), records: 0, isLastOfFile: true };
