import type { Observable } from 'rxjs';
import { Queue } from '../base/queue.js';
import { boundary } from '../demand/boundary.js';
import { ByteBuilder } from '../formats/framing/byteBuilder.js';
import { encodeTFRecord } from '../formats/tfrecord/encodeTFRecord.js';
import type { InputPosition } from '../resume/inputPosition.js';
import { Ledger } from '../resume/ledger.js';
import { underPass } from '../resume/pass.js';
import type { ObjectWriter } from '../stores/store.js';
import { encodeItem } from '../base/itemCodec.js';
import { endOf, findSnapshot, HEADER, type SnapshotFile } from './readSnapshot.js';

const BLOCK_BYTES = 1024 * 1024;
/** One block is written while the next one is filled. */
const MAX_BLOCKS = 2;

export interface WriteSnapshotOptions {
  /** Returns false if the data has changed since the first item, so that the items do not match the key. */
  readonly isCurrent: () => Promise<boolean>;
  /** Set if there is a downstream `resumable`. */
  readonly input: InputPosition | undefined;
  /** Called if the subscriber unsubscribes after some items. */
  readonly onIncomplete: () => void;
}

/** Emits the items of the source, and writes them to a new snapshot. Completes only when the snapshot is complete. */
export function writeSnapshot<T>(
  source: Observable<T>,
  file: SnapshotFile,
  { input, onIncomplete, isCurrent }: WriteSnapshotOptions,
): Observable<T> {
  const { name } = file;
  return boundary<T, T>(input ? inFirstEpoch(source) : source, { name, onDemand: true }, ({ destination, drain }) => {
    const writer = new SnapshotWriter(file, isCurrent, () => drain());
    const waiting = new Queue<T>();
    let isPartial = false;
    let isSettled = false;
    const settle = async (work: Promise<void>): Promise<void> => {
      isPartial = false;
      await work;
      isSettled = !writer.failure;
      drain();
    };
    return {
      receive: (item) => {
        isPartial = false;
        writer.add(item);
        isPartial = true;
        if (input?.readRecord() ?? true) waiting.push(item);
      },
      hasRoom: () => waiting.length === 0 && writer.hasRoom,
      emit: () => {
        isPartial &&= !writer.failure;
        if (writer.failure) throw writer.failure.error;
        if (waiting.length === 0) return false;
        destination.next(waiting.shift() as T);
        return true;
      },
      isEmpty: () => waiting.length === 0 && isSettled,
      held: () => waiting.length,
      sourceEnded: (how) => void settle(how === 'completed' ? writer.finish() : writer.abort()),
      clear: () => {
        waiting.clear();
        if (isPartial) onIncomplete();
        if (!isSettled) void writer.abort();
      },
    };
  });
}

/**
 * The cursor of a downstream `resumable` counts the items of the snapshot, also while the snapshot is written. So the
 * upstream stages get a separate ledger. This ledger only rejects stages that would emit different items after a
 * restart.
 */
function inFirstEpoch<T>(source: Observable<T>): Observable<T> {
  return underPass(source, (destination) => ({
    pass: { epoch: 0, ledger: new Ledger([]) },
    handlers: { next: (item) => destination.next(item) },
  }));
}

/** Writes one snapshot. If several writers write the same one, the first writer that finishes wins. */
class SnapshotWriter {
  /** Set if the file cannot be written, and no other writer has completed the snapshot. */
  failure: { readonly error: unknown } | undefined;
  readonly #file: SnapshotFile;
  readonly #isCurrent: () => Promise<boolean>;
  readonly #onChange: () => void;
  readonly #block = new ByteBuilder(BLOCK_BYTES);
  #items = 0;
  #writer: ObjectWriter | undefined;
  #work = Promise.resolve();
  #waiting = 0;
  #isStopped = false;

  /** @param onChange - called after each block. */
  constructor(file: SnapshotFile, isCurrent: () => Promise<boolean>, onChange: () => void) {
    this.#file = file;
    this.#isCurrent = isCurrent;
    this.#onChange = onChange;
    this.#append(Buffer.from(HEADER));
  }

  get hasRoom(): boolean {
    return this.#waiting < MAX_BLOCKS;
  }

  /** @throws ValueError if the item cannot be stored. */
  add(item: unknown): void {
    if (this.#isStopped) return;
    this.#append(encodeItem(this.#file.name, item));
    this.#items++;
    if (this.#block.length >= BLOCK_BYTES) this.#endBlock();
  }

  /** Completes the snapshot. Resolves also after a failure. */
  async finish(): Promise<void> {
    this.#append(Buffer.from(endOf(this.#items)));
    this.#endBlock();
    this.#run(() => this.#complete());
    await this.#work;
  }

  /** Removes the written bytes, unless the snapshot is complete. Never rejects. */
  async abort(): Promise<void> {
    this.#isStopped = true;
    await this.#work;
    await this.#writer?.abort();
  }

  #append(record: Uint8Array): void {
    this.#block.append(encodeTFRecord(record));
  }

  #endBlock(): void {
    const bytes = this.#block.take();
    this.#run(async () => {
      const { url, store } = this.#file;
      this.#writer ??= await store.create(url, { exclusive: true });
      await this.#writer.write(bytes);
    });
  }

  #run(step: () => Promise<void>): void {
    this.#waiting++;
    this.#work = this.#work.then(async () => {
      if (!this.#isStopped) await step().catch((error: unknown) => this.#fail(error));
      this.#waiting--;
      this.#onChange();
    });
  }

  async #complete(): Promise<void> {
    if (!(await this.#isCurrent())) {
      await this.#writer?.abort();
      return;
    }
    await this.#writer?.finish();
    this.#writer = undefined;
    const { url, store } = this.#file;
    // Removes the unfinished files of killed writers, and of writers that would finish too late.
    await store.removeUnfinished(url, (unfinished) => unfinished === url).catch(() => undefined);
  }

  async #fail(error: unknown): Promise<void> {
    this.#isStopped = true;
    await this.#writer?.abort();
    if (!(await findSnapshot(this.#file).catch(() => undefined))) this.failure = { error };
  }
}
