import type { Observable } from 'rxjs';
import { FormatError } from '../base/errors.js';
import type { ReaderPosition } from '../base/readerPosition.js';
import { showValue } from '../base/showValue.js';
import { pullSource } from '../demand/pullSource.js';
import { TFRecordReader } from '../formats/tfrecord/tfRecordReader.js';
import type { InputPosition } from '../resume/inputPosition.js';
import { listAll } from '../stores/listAll.js';
import { openRanges, type RangeWindowOptions } from '../stores/rangeWindow.js';
import type { StoredObject, WritableStore } from '../stores/store.js';
import { DEFAULT_READING } from '../stores/storeBytes.js';
import type { StoredIn } from '../stores/storedIn.js';
import { decodeItem, MAX_ITEM_BYTES } from '../base/itemCodec.js';

/*
 * A snapshot is one TFRecord file or object. The store makes it visible only when it is complete and durable.
 *
 *   the first record    HEADER: the version of the format
 *   further records     one item each: `base/itemCodec.ts`
 *   the last record     `endOf` the number of items, which shows that no item is missing
 *
 * The first byte of an item is never an ASCII character.
 */
export const HEADER = 'millrace snapshot 1';
export const endOf = (items: number): string => `end of ${items} items`;

export interface SnapshotFile {
  /** The name of the stage, for errors. */
  readonly name: string;
  /** A path or a URL. */
  readonly url: string;
  readonly store: WritableStore;
}

/** Returns `undefined` if the snapshot does not exist. */
export async function findSnapshot({ url, store }: SnapshotFile): Promise<StoredObject | undefined> {
  return (await listAll(store, url)).find((object) => object.url === url);
}

export interface ReadSnapshotOptions {
  /** The name of the stage, for reports. */
  readonly name: string;
  /** Counts the items, and drops the items before the cursor. */
  readonly input?: InputPosition | undefined;
  readonly reading?: RangeWindowOptions;
}

/** Reads the items on demand. Requests the next ranges of the file ahead. */
export function readSnapshot<T>(
  stored: StoredIn,
  { name, input, reading = DEFAULT_READING }: ReadSnapshotOptions,
): Observable<T> {
  return pullSource<T>(({ deliver, complete, fail }) => {
    const { next, close } = openRanges(stored, reading)();
    const reader = new TFRecordReader({ maxRecordBytes: MAX_ITEM_BYTES });
    const { url, byteLength } = stored.object;

    const guarded = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        fail(cannotRead(url, error, reader.position));
      }
    };
    const readItem = (): void => {
      for (let record = reader.read(); record; record = reader.read()) {
        const { recordIndex, byteOffset } = reader.position;
        if (recordIndex === 1) requireText(record, HEADER);
        else if (byteOffset === byteLength) {
          requireText(record, endOf(recordIndex - 2));
          complete();
          return;
        } else if (input?.readRecord() ?? true) {
          deliver(decodeItem(record) as T);
          return;
        }
      }
      next().then((chunk) => {
        guarded(() => {
          if (!chunk) {
            reader.end();
            throw new RangeError('the record that ends the file is missing');
          }
          reader.push(chunk);
          readItem();
        });
      }, fail);
    };
    return { pull: () => guarded(readItem), close };
  }, name);
}

function requireText(record: Uint8Array, expected: string): void {
  const found = Buffer.from(record).toString('latin1');
  if (found !== expected) throw new RangeError(`expected "${expected}", found ${showValue(found)}`);
}

function cannotRead(url: string, cause: unknown, position: ReaderPosition): FormatError {
  const { kind, reason } =
    cause instanceof FormatError ? cause : { kind: 'malformed' as const, reason: (cause as Error).message };
  // The messages of V8 end with a full stop.
  const message = `cannot read ${url}: ${reason.replace(/\.$/, '')}. Remove this snapshot, so that the next epoch writes it again`;
  return new FormatError(message, { kind, format: 'Snapshot', ...position, path: url, cause });
}
