import type { OperatorFunction } from 'rxjs';
import { withBadRecords, type BadRecordOptions, type JudgeBadRecord } from './badRecords.js';
import { FormatError, ValueError } from '../../src/base/errors.js';
import { markBatch } from '../../src/arrays/batches.js';
import { markFreshArrays } from '../../src/arrays/freshMemory.js';
import { operate } from '../../src/demand/operate.js';
import { placeInFile } from './placeInFile.js';
import { recordsAlike, type SoundRecord } from './recordsAlike.js';
import type { TensorShape } from '../../src/arrays/tensorShape.js';

/** A parser returns `BLANK` for a record or batch that contains no data. `BLANK` is not emitted. */
export const BLANK = Symbol('blank');

/** The parsers of single records and of batches. An item for which there is no parser is an error. */
export interface ParseWays<T, R> {
  readonly single?: (record: T, recordIndex: number) => R | typeof BLANK;
  readonly batch?: (records: readonly T[], firstRecordIndex: number) => R | typeof BLANK;
  /**
   * Returns the shapes of the arrays in a parsed batch of one record. Required if records can have different shapes. In
   * this case, `batch` must throw for records of different shapes.
   */
  readonly shapesOf?: (parsed: R) => readonly TensorShape[];
}

/** Record indices start at 0 in each subscription. */
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
            let parsed: R | typeof BLANK;
            try {
              parsed = parse(item, firstIndex);
            } catch (error) {
              if (!judge) throw error;
              const sound = soundPart(item, error, { name, parse, shapesOf: ways.shapesOf, firstIndex, judge });
              if (sound === undefined) return;
              parsed = parse(sound, firstIndex);
            }
            if (parsed === BLANK) return;
            if (isBatch(item)) {
              markFreshArrays(parsed);
              markBatch(name, parsed);
            }
            destination.next(parsed);
          },
        };
      }),
  );
}

function bytesOf(record: Uint8Array | string): number {
  return typeof record === 'string' ? Buffer.byteLength(record) : record.byteLength;
}

type Parse<T, R> = (item: T | readonly T[], recordIndex: number) => R | typeof BLANK;

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
    ? `expected single records, found a batch: remove batch() before ${name}`
    : `expected batches of records, found a single record: put batch() before ${name}`;
  throw new ValueError(`${name}: ${message}.`, { path: '' });
}

const STRING_HINT =
  'to see the file and the line number, parse lines as bytes: if decodeTextLine has the option encoding, remove it';

/**
 * Adds the position of the record to an error. The file of a string is unknown, so its error contains a hint instead.
 */
function placing<T extends Uint8Array | string, R>(parse: Parse<T, R>): Parse<T, R> {
  return (item, firstIndex) => {
    try {
      return parse(item, firstIndex);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const record = isBatch(item) ? item[error.recordIndex - firstIndex] : item;
      if (typeof record === 'string') throw withHint(error, STRING_HINT);
      const hinted = hasSeveralLines(error, record) ? withHint(error, LINES_HINT) : error;
      throw placeInFile(hinted, record, `byte ${error.byteOffset} of the record`);
    }
  };
}

const LINES_HINT =
  "the record has several lines: decode lines first, with recordFormat: 'TextLine', or with decodeTextLine()";

/** The formats with one record on each line. */
const LINE_FORMATS: readonly string[] = ['CSV', 'JSON', 'LIBSVM'];

function hasSeveralLines({ format }: FormatError, record: Uint8Array | undefined): boolean {
  const end = record?.indexOf(0x0a) ?? -1;
  return LINE_FORMATS.includes(format) && end >= 0 && end < (record?.length ?? 0) - 1;
}

function withHint(
  { reason, kind, format, byteOffset, recordIndex, path, cause }: FormatError,
  hint: string,
): FormatError {
  return new FormatError(`${reason}; ${hint}`, { kind, format, byteOffset, recordIndex, path, cause });
}

interface SoundPartOptions<T, R> {
  readonly name: string;
  readonly parse: Parse<T, R>;
  readonly shapesOf: ParseWays<T, R>['shapesOf'];
  readonly firstIndex: number;
  readonly judge: JudgeBadRecord;
}

/** Returns the good records, or `undefined` if all records are bad. */
function soundPart<T extends Uint8Array | string, R>(
  item: T | readonly T[],
  error: unknown,
  options: SoundPartOptions<T, R>,
): readonly T[] | undefined {
  const { name, parse, shapesOf, firstIndex, judge } = options;
  if (!isBatch(item)) {
    judge(error, bytesOf(item));
    return undefined;
  }
  const sound: SoundRecord<T>[] = [];
  for (const [at, record] of item.entries()) {
    const index = firstIndex + at;
    try {
      const parsed = parse([record], index);
      sound.push({ record, index, shapes: parsed === BLANK ? [] : (shapesOf?.(parsed) ?? []) });
    } catch (bad) {
      judge(bad, bytesOf(record));
    }
  }
  const alike = recordsAlike(name, sound);
  for (const other of sound) {
    if (!alike.includes(other)) judge(errorBeside(alike[0], other, parse), bytesOf(other.record));
  }
  return alike.length > 0 ? alike.map(({ record }) => record) : undefined;
}

function errorBeside<T, R>(first: SoundRecord<T> | undefined, other: SoundRecord<T>, parse: Parse<T, R>): unknown {
  try {
    parse(first ? [first.record, other.record] : [other.record], other.index - 1);
  } catch (bad) {
    return bad;
  }
  return undefined;
}
