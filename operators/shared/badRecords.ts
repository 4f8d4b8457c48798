import { defer, finalize, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { lazy } from '../../src/base/lazy.js';
import { ConfigError, FormatError, MillraceError, ValueError } from '../../src/base/errors.js';
import { callback } from '../../src/base/parseOptions.js';
import { warn } from '../../src/base/warn.js';

/** The reaction to a bad record. */
export type BadRecordChoice = 'fail' | 'skip';

/** The bad records of a subscription so far. */
export interface BadRecordCounts {
  /** The number of bad records, including the current one. */
  readonly bad: number;
  /**
   * The total size of the bad records in bytes, including bytes skipped to find the next record. 0 for rows of Parquet.
   */
  readonly bytes: number;
}

/** Options of operators that can skip bad records. */
export interface BadRecordOptions {
  /**
   * The reaction to a bad record: fail with its error, or skip it. A function decides for each bad record. Skipped
   * records are removed from their batch, and an empty batch is dropped. Default: `fail`.
   */
  readonly onBadRecord?:
    | BadRecordChoice
    | ((error: FormatError | ValueError, counts: BadRecordCounts) => BadRecordChoice)
    | undefined;
  /** The maximum number of bad records to skip. Needs `onBadRecord: 'skip'` or a function. Default: no limit. */
  readonly maxBadRecords?: number | undefined;
}

const choiceSchema = lazy(() => z.enum(['fail', 'skip']));

export const jsonBadRecordFields = lazy(() => ({
  onBadRecord: choiceSchema()
    .optional()
    .describe(
      'The reaction to a bad record: end with an error ("fail"), or skip the record ("skip"). Default: "fail".',
    ),
  maxBadRecords: z
    .int()
    .nonnegative()
    .optional()
    .describe('The maximum number of bad records to skip. One more bad record causes an error. Default: no limit.'),
}));

export const badRecordFields = lazy(() => ({
  ...jsonBadRecordFields(),
  onBadRecord: z
    .union([choiceSchema(), callback<(error: FormatError | ValueError, counts: BadRecordCounts) => BadRecordChoice>()])
    .optional(),
}));

export const badRecordsSchema = lazy(() => z.strictObject(badRecordFields()));

/** Returns to skip the bad record, or throws the error for the Observable. */
export type JudgeBadRecord = (error: unknown, bytes: number) => void;

/**
 * Makes an operator with options for bad records. With `skip`, a process warning at the end of the subscription reports
 * the number of skipped records.
 *
 * @param make - makes the operator. If `onBadRecord` is `fail`, `judge` is `undefined`.
 */
export function withBadRecords<T, R>(
  name: string,
  { onBadRecord = 'fail', maxBadRecords: limit }: BadRecordOptions,
  make: (judge?: JudgeBadRecord) => OperatorFunction<T, R>,
): OperatorFunction<T, R> {
  if (onBadRecord === 'fail') {
    if (limit !== undefined) refuseLimit(name);
    return make();
  }
  const maxBadRecords = limit ?? Infinity;
  return (source) =>
    defer(() => {
      let counts: BadRecordCounts = { bad: 0, bytes: 0 };
      let first: Error | undefined;
      const judge: JudgeBadRecord = (error, bytes) => {
        if (!(error instanceof FormatError || error instanceof ValueError)) throw error;
        counts = { bad: counts.bad + 1, bytes: counts.bytes + bytes };
        const choice = typeof onBadRecord === 'function' ? onBadRecord(error, counts) : onBadRecord;
        if (choice !== 'skip') throw error;
        if (counts.bad > maxBadRecords) throw tooMany(name, maxBadRecords, error);
        first ??= error;
      };
      const reportSkipped = (): void => {
        if (first && typeof onBadRecord !== 'function') warnOfSkipped(name, counts, first);
      };
      return source.pipe(make(judge), finalize(reportSkipped));
    });
}

function refuseLimit(name: string): never {
  const remedy = "Set onBadRecord: 'skip', or remove maxBadRecords.";
  throw new ConfigError(
    `${name}: maxBadRecords has no effect if onBadRecord is 'fail', because the first bad record causes an error. ${remedy}`,
    {
      path: 'maxBadRecords',
    },
  );
}

function tooMany(name: string, maxBadRecords: number, error: FormatError | ValueError): MillraceError {
  const message = `${name}: found more than ${maxBadRecords} bad records (maxBadRecords). The last error was: ${error.message}`;
  return new MillraceError(message, { code: error.code, cause: error });
}

function warnOfSkipped(name: string, { bad, bytes }: BadRecordCounts, first: Error): void {
  const size = bytes === 0 ? '' : ` (${bytes} bytes in total)`;
  warn(
    'MILLRACE_BAD_RECORDS',
    `${name} has skipped ${bad} bad ${bad === 1 ? 'record' : 'records'}${size}. The first error was: ${first.message}. ` +
      'To limit the number of bad records, set maxBadRecords. In TypeScript and JavaScript, onBadRecord can also be a function that receives each error.',
  );
}
