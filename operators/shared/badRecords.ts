import { defer, finalize, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { FormatError, MillraceError, ValueError } from '../../src/base/errors.js';
import { callback } from '../../src/base/parseOptions.js';
import { warn } from '../../src/base/warn.js';

/** What becomes of a bad record, or of the pipeline. */
export type BadRecordChoice = 'fail' | 'skip';

/** What is known of the bad records of a subscription. */
export interface BadRecordCounts {
  /** How many there were, this one included. */
  readonly bad: number;
  /** How many bytes they were, with what had to be passed over to find the next record. */
  readonly bytes: number;
}

/** What an operator does with records that it can tell are bad, where it finds the next one all the same. */
export interface BadRecordOptions {
  /** Default: `fail`, an error notification. A function is asked for each bad record. */
  readonly onBadRecord?:
    BadRecordChoice | ((error: FormatError | ValueError, counts: BadRecordCounts) => BadRecordChoice) | undefined;
  /** How many bad records a subscription may skip; one more is an error. Default: any number. */
  readonly maxBadRecords?: number | undefined;
}

const choiceSchema = z.enum(['fail', 'skip']);

/** The fields of {@link BadRecordOptions} that JSON can hold. */
export const jsonBadRecordFields = {
  onBadRecord: choiceSchema.optional(),
  maxBadRecords: z.int().nonnegative().optional(),
};

/** The fields of {@link BadRecordOptions} in an operator's own schema. */
export const badRecordFields = {
  ...jsonBadRecordFields,
  onBadRecord: z
    .union([choiceSchema, callback<(error: FormatError | ValueError, counts: BadRecordCounts) => BadRecordChoice>()])
    .optional(),
};

/** The schema of {@link BadRecordOptions} alone. */
export const badRecordsSchema = z.strictObject(badRecordFields);

/** Returns where a bad record of so many bytes is to be left out, and throws what is to be notified where it is not. */
export type JudgeBadRecord = (error: unknown, bytes: number) => void;

/**
 * An operator that may leave bad records out, as its user has chosen. Where he has chosen nothing, or `fail`, it is made
 * without a judge, and costs nothing.
 *
 * What is skipped without a function of the user's own being told is told by a process warning when the subscription ends.
 *
 * @param make - makes the operator, at each subscription where records may be skipped.
 */
export function withBadRecords<T, R>(
  name: string,
  { onBadRecord = 'fail', maxBadRecords = Infinity }: BadRecordOptions,
  make: (judge?: JudgeBadRecord) => OperatorFunction<T, R>,
): OperatorFunction<T, R> {
  if (onBadRecord === 'fail') return make();
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
      const tell = (): void => {
        if (first && typeof onBadRecord !== 'function') warnOfSkipped(name, counts, first);
      };
      return source.pipe(make(judge), finalize(tell));
    });
}

function tooMany(name: string, maxBadRecords: number, error: FormatError | ValueError): MillraceError {
  const message = `${name}: more than ${maxBadRecords} bad records (maxBadRecords); the last: ${error.message}`;
  return new MillraceError(message, { code: error.code, cause: error });
}

function warnOfSkipped(name: string, { bad, bytes }: BadRecordCounts, first: Error): void {
  warn(
    'MILLRACE_BAD_RECORDS',
    `${name} has skipped bad records: ${bad}, ${bytes} bytes in all; the first: ${first.message}. ` +
      'Give a function as onBadRecord to be told of each, and maxBadRecords to limit them.',
  );
}
