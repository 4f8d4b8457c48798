import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ConfigError } from '../base/errors.js';

const count = z.int().nonnegative();

const factsSchema = z.record(z.string(), z.json());

/** What is known of a stage or an input, as JSON holds it: options, seeds, the host, the files. */
export type Facts = z.output<typeof factsSchema>;

/** What a stage or an input tells of itself; what is `undefined` is left out. */
export type Announcement = Readonly<Record<string, unknown>>;

/** An announcement, as a cursor that was written and read again holds it. */
export function asFacts(announced: Announcement): Facts {
  return JSON.parse(JSON.stringify(announced)) as Facts;
}

const markSchema = z.strictObject({ bytes: count, crc32: count });

/** The checksum (CRC-32) of so many bytes from the beginning of an input. */
export type Mark = z.output<typeof markSchema>;

const inputSchema = z.strictObject({
  facts: factsSchema,
  unit: z.enum(['bytes', 'records']),
  position: count,
  marks: z.array(markSchema),
});

/** The schema of a {@link Cursor}. */
export const cursorSchema = z.strictObject(
  {
    version: z.literal(1, { error: 'expected 1, the only version there is' }),
    epoch: count,
    items: count,
    stages: z.array(factsSchema).optional(),
    inputs: z.record(z.string(), inputSchema),
  },
  { error: 'expected a cursor, as resumable gives it' },
);

/** What a {@link Cursor} says of one input. */
export interface InputCursor {
  /** What has to be the same on resuming: for a channel its configuration and the hosts, for files their sizes. */
  readonly facts: Readonly<Facts>;
  readonly unit: 'bytes' | 'records';
  /** How far it has been read in this epoch, what is read ahead included. */
  readonly position: number;
  /** By what the bytes that are read again are compared. */
  readonly marks: readonly Mark[];
}

/** Where a pipeline stands, and what it is made of; plain JSON, made by `resumable`. */
export interface Cursor {
  readonly version: 1;
  /** The epoch, from 0, that the next item belongs to. */
  readonly epoch: number;
  /** How many items of that epoch have been delivered; where batches are delivered, an item is a batch. */
  readonly items: number;
  /** The stages above, from the last to the first, with the options that the items depend on. */
  readonly stages?: readonly Readonly<Facts>[] | undefined;
  /** The inputs by name: channels, folders, files. */
  readonly inputs: Readonly<Record<string, InputCursor>>;
}

/**
 * Compares what was saved with what is there.
 *
 * @throws ConfigError that names the first thing which differs.
 */
export function requireSame(path: string, saved: Announcement, found: Announcement): void {
  for (const key of new Set([...Object.keys(saved), ...Object.keys(found)])) {
    if (isDeepStrictEqual(saved[key], found[key])) continue;
    throw mismatch(`${path}.${key}`, show(saved[key]), show(found[key]));
  }
}

function show(fact: unknown): string {
  return fact === undefined ? 'nothing' : JSON.stringify(fact);
}

/** What is told where a cursor and a pipeline do not belong together. */
export function mismatch(path: string, saved: string, found: string, hint = ''): ConfigError {
  return new ConfigError(
    `resumable: the cursor does not fit: ${path} was ${saved} when it was saved and is ${found} now. ${hint}` +
      'Resume with the stages, seeds, inputs and hosts of the run that saved it, or begin anew without a cursor.',
    { path: `cursor.${path}` },
  );
}
