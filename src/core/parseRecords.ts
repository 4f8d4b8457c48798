import type { OperatorFunction } from 'rxjs';
import { withBadRecords, type BadRecordOptions, type JudgeBadRecord } from './badRecords.js';
import { FormatError, ValueError } from './errors.js';
import { markFreshArrays } from './freshMemory.js';
import { operate } from './operate.js';
import { originOf } from './origins.js';

/** How records are parsed; a way that is left out is not taken. */
export interface ParseWays<T, R> {
  /** Parses a record that comes by itself. */
  readonly single?: (record: T, recordIndex: number) => R;
  /** Parses a batch; a batch of two has to fail where they do not go together. */
  readonly batch?: (records: readonly T[], firstRecordIndex: number) => R;
}

/**
 * An operator that parses each item, a record or a batch of records, and may leave bad records out. It counts the records
 * of each subscription. A bad record makes its batch smaller; a batch without a sound one is left out.
 *
 * @param name - the operator's.
 */
export function parseRecords<T extends Uint8Array | string, R>(
  name: string,
  badRecords: BadRecordOptions,
  ways: ParseWays<T, R>,
): OperatorFunction<T | readonly T[], R> {
  return withBadRecords(
    name,
    badRecords,
    (judge) => (source) =>
      operate<T | readonly T[], R>(source, (destination) => {
        let recordIndex = 0;
        return {
          next: (item) => {
            const firstIndex = recordIndex;
            recordIndex += isBatch(item) ? item.length : 1;
            const parse = placing(parseOf(name, ways, item));
            let parsed: R;
            try {
              parsed = parse(item, firstIndex);
            } catch (error) {
              if (!judge) throw error;
              const sound = soundPart(item, error, { parse, firstIndex, judge });
              if (sound === undefined) return;
              parsed = parse(sound, firstIndex);
            }
            if (isBatch(item)) markFreshArrays(parsed);
            destination.next(parsed);
          },
        };
      }),
  );
}

function bytesOf(record: Uint8Array | string): number {
  return typeof record === 'string' ? Buffer.byteLength(record) : record.byteLength;
}

type Parse<T, R> = (item: T | readonly T[], recordIndex: number) => R;

function isBatch<T extends Uint8Array | string>(item: T | readonly T[]): item is readonly T[] {
  return Array.isArray(item);
}

function parseOf<T extends Uint8Array | string, R>(
  name: string,
  { single, batch }: ParseWays<T, R>,
  item: T | readonly T[],
): Parse<T, R> {
  const parse = isBatch(item) ? batch : single;
  if (parse) return parse as Parse<T, R>;
  const message = isBatch(item)
    ? 'expected records one by one, found a batch of them: leave out the batch before it'
    : 'expected batches of records, found one by itself: put batch before it';
  throw new ValueError(`${name}: ${message}.`, { path: '' });
}

/** Adds to an error of a record where that comes from, if its memory tells. */
function placing<T extends Uint8Array | string, R>(parse: Parse<T, R>): Parse<T, R> {
  return (item, firstIndex) => {
    try {
      return parse(item, firstIndex);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const origin = originOf(isBatch(item) ? item[error.recordIndex - firstIndex] : item);
      if (!origin) throw error;
      const { path, lineNumber, byteOffset } = origin;
      const place = lineNumber === undefined ? `record at byte ${byteOffset}` : `line ${lineNumber}`;
      throw error.inFile(path, `${path}, ${place}: ${error.reason}`);
    }
  };
}

interface SoundPartOptions<T, R> {
  readonly parse: Parse<T, R>;
  readonly firstIndex: number;
  readonly judge: JudgeBadRecord;
}

/** What is left of an item that cannot be parsed as it is. */
function soundPart<T extends Uint8Array | string, R>(
  item: T | readonly T[],
  error: unknown,
  { parse, firstIndex, judge }: SoundPartOptions<T, R>,
): readonly T[] | undefined {
  if (!isBatch(item)) {
    judge(error, bytesOf(item));
    return undefined;
  }
  const sound: T[] = [];
  for (const [index, record] of item.entries()) {
    // Beside the first sound one, so that a record which does not go together with it is found too.
    const tried = [...sound.slice(0, 1), record];
    try {
      parse(tried, firstIndex + index + 1 - tried.length);
      sound.push(record);
    } catch (fault) {
      judge(fault, bytesOf(record));
    }
  }
  return sound.length > 0 ? sound : undefined;
}
