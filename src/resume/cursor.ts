import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { ConfigError } from '../base/errors.js';

const count = lazy(() => z.int().nonnegative());

const factsSchema = lazy(() => z.record(z.string(), z.json()));

/** Facts about a stage or input as JSON: options, seeds, hosts, files. */
export type Facts = z.output<ReturnType<typeof factsSchema>>;

/** Facts before the conversion to JSON, which drops `undefined`. */
export type Announcement = Readonly<Record<string, unknown>>;

export function asFacts(announced: Announcement): Facts {
  return JSON.parse(JSON.stringify(announced)) as Facts;
}

const markSchema = lazy(() => z.strictObject({ bytes: count(), crc32: count() }));

/** The CRC-32 of the first `bytes` bytes of an input. */
export type Mark = z.output<ReturnType<typeof markSchema>>;

const sampleSchema = lazy(() => z.strictObject({ byteOffset: count(), byteLength: count(), crc32: count() }));

/** The CRC-32 of some bytes of a file. */
export type Sample = z.output<ReturnType<typeof sampleSchema>>;

const byteMarkSchema = lazy(() =>
  z.strictObject({
    records: count(),
    byteOffset: count(),
    recordIndex: count(),
    decoder: factsSchema(),
    sample: sampleSchema(),
  }),
);

/**
 * The start of a record in a file, and the number of earlier records of the epoch. Valid only for the same decoder and
 * bytes.
 */
export type ByteMark = z.output<ReturnType<typeof byteMarkSchema>>;

const startSchema = lazy(() => z.strictObject({ file: count(), records: count(), mark: byteMarkSchema().optional() }));

/** A file, the number of records in the epoch's earlier files, and optionally the {@link ByteMark} of a record in it. */
export type FileStart = z.output<ReturnType<typeof startSchema>>;

const inputSchema = lazy(() =>
  z.strictObject({
    facts: factsSchema(),
    unit: z.enum(['bytes', 'records', 'steps']),
    position: count(),
    marks: z.array(markSchema()),
    start: startSchema().optional(),
  }),
);

const positionFields = lazy(() => ({
  stages: z.array(factsSchema()).optional(),
  inputs: z.record(z.string(), inputSchema()),
}));

export const cursorSchema = lazy(() =>
  z.strictObject(
    {
      version: z.literal([1, 2], { error: 'expected 1 or 2' }),
      epoch: count(),
      items: count(),
      parts: z.strictObject({ delivered: count(), threads: count() }).optional(),
      ...positionFields(),
      workers: z.record(z.string(), z.array(z.strictObject(positionFields()))).optional(),
    },
    { error: 'expected the result of the method cursor() of resumable()' },
  ),
);

/** An input of a {@link Cursor}. */
export interface InputCursor {
  /**
   * Facts that must be equal when the pipeline resumes: the configuration and hosts of a channel, or the sizes of
   * files.
   */
  readonly facts: Readonly<Facts>;
  readonly unit: 'bytes' | 'records' | 'steps';
  /**
   * The number of bytes or records of the epoch that were read, including prefetched data. For `globalBatches`, the
   * number of delivered steps.
   */
  readonly position: number;
  /** Checksums of the bytes that were read. A resumed run reads these bytes again, and compares them. */
  readonly marks: readonly Mark[];
  /**
   * Only with `recordsPerItem`: a resumed run starts to read here. The next record is here or later in the same file.
   */
  readonly start?: FileStart | undefined;
}

/** The stages and inputs of the pipeline in one thread of `inWorker`, as in a {@link Cursor}. */
export interface WorkerCursor {
  readonly stages?: readonly Readonly<Facts>[] | undefined;
  /** The last positions that the thread has reported. */
  readonly inputs: Readonly<Record<string, InputCursor>>;
}

/** The position in a pipeline, and the names and options of its stages, as plain JSON. */
export interface Cursor {
  /** 2 if the input is `globalBatches` and `recordsPerItem` is 1, so that the cursors of all hosts are equal. */
  readonly version: 1 | 2;
  /** The epoch of the next item, from 0. */
  readonly epoch: number;
  /** The number of delivered items of `epoch`. A batch is one item. In version 2, the number of steps. */
  readonly items: number;
  /** Set in version 2 if the threads of `inWorker` have delivered some, but not all, parts of the next step. */
  readonly parts?: { readonly delivered: number; readonly threads: number } | undefined;
  /** The stages upstream of `resumable`, last stage first, with the options that affect the items. */
  readonly stages?: readonly Readonly<Facts>[] | undefined;
  /** The channels, folders or files, by name. */
  readonly inputs: Readonly<Record<string, InputCursor>>;
  /** The threads of each upstream `inWorker`. */
  readonly workers?: Readonly<Record<string, readonly WorkerCursor[]>> | undefined;
}

/** @throws ConfigError that names the first difference. */
export function requireSame(path: string, saved: Announcement, found: Announcement): void {
  for (const key of new Set([...Object.keys(saved), ...Object.keys(found)])) {
    if (isDeepStrictEqual(saved[key], found[key])) continue;
    if (key === 'namesAndSizes') throw filesChanged(`${path}.${key}`);
    throw mismatch(`${path}.${key}`, show(saved[key]), show(found[key]));
  }
}

/** The message omits the values, because checksums do not help the user. */
function filesChanged(path: string): ConfigError {
  return new ConfigError(
    `resumable: the cursor does not match the pipeline: ${path}: the list of files, their sizes or their versions have ` +
      'changed since the cursor was saved. Restore the earlier files, or start without a cursor.',
    { path: `cursor.${path}` },
  );
}

function show(fact: unknown): string {
  return fact === undefined ? 'nothing' : JSON.stringify(fact);
}

export function mismatch(path: string, saved: string, found: string, hint = ''): ConfigError {
  return new ConfigError(
    `resumable: the cursor does not match the pipeline: ${path}: expected ${saved} (from the cursor), found ${found}. ${hint}` +
      'Resume with the same stages, seeds, inputs and hosts as the run that saved the cursor, or start without a cursor.',
    { path: `cursor.${path}` },
  );
}

export function subscribedTwice(name: string): ConfigError {
  return new ConfigError(
    `resumable: ${name} is subscribed twice in one epoch, but a cursor stores only one position for each input. ` +
      'Put repeat() and retry() after resumable().',
    { path: '' },
  );
}
