import type { Observable } from 'rxjs';
import { ConfigError } from '../base/errors.js';
import { Queue } from '../base/queue.js';
import { requireBytes } from '../base/requireBytes.js';
import { Inlet, type Ending } from '../demand/inlet.js';
import { OUTPUT, type WrittenFiles } from '../demand/output.js';
import { ByteBuilder } from '../formats/framing/byteBuilder.js';

/** Returns the bytes of one record with its framing. */
export type RecordEncoder<R> = (record: R) => Uint8Array;

export interface RecordBlock {
  readonly bytes: Uint8Array;
  readonly records: number;
  readonly isLastOfFile: boolean;
}

export interface RecordBlocksOptions<R> {
  readonly encode: RecordEncoder<R>;
  readonly recordsPerFile?: number | undefined;
  /** The maximum size of a file in bytes, before compression. */
  readonly bytesPerFile?: number | undefined;
  /** The number of records that an earlier run has written. */
  readonly skip: number;
  /** The files of the run. The sources throw an error if they read one of these files. */
  readonly output: WrittenFiles;
}

const BLOCK_BYTES = 1024 * 1024;

/**
 * Joins encoded records into blocks. The ends of files and blocks depend only on the records and the options.
 *
 * Memory: the block that is being filled, and one complete block. While the complete block waits, no records are
 * requested.
 */
export class RecordBlocks<R> {
  readonly #source: Observable<R>;
  readonly #options: RecordBlocksOptions<R>;
  readonly #inlet: Inlet<R>;
  readonly #ready = new Queue<RecordBlock>();
  readonly #builder = new ByteBuilder(BLOCK_BYTES);
  #blockRecords = 0;
  #fileRecords = 0;
  #fileBytes = 0;
  #index = 0;
  #ending: Ending | undefined;
  #isSubscribed = false;
  #wake: (() => void) | undefined;

  constructor(source: Observable<R>, options: RecordBlocksOptions<R>) {
    this.#source = source;
    this.#options = options;
    this.#inlet = new Inlet<R>({
      name: 'writeRecords',
      carries: { [OUTPUT]: options.output },
      receive: (record) => this.#receive(record),
      hasRoom: () => this.#ready.length === 0,
      ended: (ending) => this.#end(ending),
    });
  }

  /**
   * Returns the next block, or `undefined` at the end. If the source has failed, first returns the complete blocks,
   * then rejects with the error of the source.
   */
  async next(): Promise<RecordBlock | undefined> {
    while (this.#ready.length === 0 && !this.#ending) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.request();
      });
    }
    if (this.#ready.length > 0) return this.#ready.shift();
    if (this.#ending?.kind === 'failed') throw this.#ending.error;
    return undefined;
  }

  request(): void {
    if (this.#ending || this.#ready.length > 0) return;
    this.#inlet.gate.open();
    if (this.#isSubscribed) return;
    this.#isSubscribed = true;
    this.#inlet.subscribe(this.#source);
  }

  close(): void {
    this.#inlet.close();
  }

  #receive(record: R): void {
    if (this.#ending || this.#index++ < this.#options.skip) return;
    try {
      this.#add(this.#encode(record));
    } catch (error) {
      this.#inlet.close();
      this.#end({ kind: 'failed', error });
    }
  }

  #encode(record: R): Uint8Array {
    const subject = `writeRecords: record ${this.#index - 1}`;
    try {
      const bytes = this.#options.encode(record);
      requireBytes(subject, bytes, { path: 'the result of the encoder' });
      return bytes;
    } catch (cause) {
      if (!(cause instanceof ConfigError) || cause.message.startsWith(subject)) throw cause;
      throw new ConfigError(`${subject}: ${cause.message}`, { path: cause.path, cause });
    }
  }

  #add(bytes: Uint8Array): void {
    const { recordsPerFile = Infinity, bytesPerFile = Infinity } = this.#options;
    if (this.#fileRecords > 0 && this.#fileBytes + bytes.length > bytesPerFile) this.#endBlock(true);
    if (this.#blockRecords > 0 && this.#builder.length + bytes.length > BLOCK_BYTES) this.#endBlock(false);
    this.#builder.append(bytes);
    this.#blockRecords++;
    this.#fileRecords++;
    this.#fileBytes += bytes.length;
    if (this.#fileRecords >= recordsPerFile || this.#fileBytes >= bytesPerFile) this.#endBlock(true);
  }

  #endBlock(isLastOfFile: boolean): void {
    this.#ready.push({ bytes: this.#builder.take(), records: this.#blockRecords, isLastOfFile });
    this.#blockRecords = 0;
    if (isLastOfFile) this.#fileRecords = this.#fileBytes = 0;
    this.#wake?.();
  }

  #end(ending: Ending): void {
    this.#ending = ending.kind === 'completed' ? (this.#shortage() ?? ending) : ending;
    if (this.#ending.kind === 'completed' && this.#fileRecords > 0) this.#endBlock(true);
    this.#wake?.();
  }

  #shortage(): Ending | undefined {
    const { skip } = this.#options;
    if (this.#index >= skip) return undefined;
    const message = `writeRecords: the source ended after ${this.#index} records, but the earlier run had written ${skip}. Resume with the same source, or set overwrite: true.`;
    return { kind: 'failed', error: new ConfigError(message, { path: 'resume' }) };
  }
}
