import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { abortSignal } from '../base/optionFields.js';
import { ConfigError } from '../base/errors.js';
import { parseOptions } from '../base/parseOptions.js';
import type { StoreCreateOptions, StoredObject, StoreReadOptions, StoreRequestOptions } from './store.js';

export const byteOffset = lazy(() => z.int().nonnegative());

export const storedObject = lazy(
  (): z.ZodType<StoredObject> =>
    z.object({
      url: z.string().min(1),
      byteLength: z.int().nonnegative().optional(),
      version: z.string().optional(),
      hasRanges: z.boolean(),
    }) as z.ZodType<StoredObject>,
);

const callSchema = lazy(() => z.strictObject({ signal: abortSignal().optional() }));
const readSchema = lazy(() => callSchema().extend({ into: z.instanceof(Uint8Array).optional() }));

export function parseCallOptions(caller: string, options: StoreRequestOptions): StoreRequestOptions {
  return parseOptions(caller, callSchema(), options);
}

const createSchema = lazy(() => callSchema().extend({ exclusive: z.boolean().default(false) }));

export function parseCreateOptions(
  caller: string,
  options: StoreCreateOptions,
): z.output<ReturnType<typeof createSchema>> {
  return parseOptions(caller, createSchema(), options);
}

export function parseReadOptions(caller: string, options: StoreReadOptions, byteLength: number): StoreReadOptions {
  const parsed = parseOptions(caller, readSchema(), options);
  if (parsed.into === undefined || parsed.into.length === byteLength) return parsed;
  const message = `${caller}: into: expected memory of ${byteLength} bytes, found ${parsed.into.length}`;
  throw new ConfigError(message, { path: 'into' });
}

/** One schema for all calls, because zod compiles a schema at its first use. */
const rangeSchema = lazy(() => z.strictObject({ start: byteOffset(), end: byteOffset() }));

/** @throws ConfigError if the range is not a part of the object. */
export function requireRange(caller: string, object: StoredObject, start: number, end: number): void {
  parseOptions(caller, storedObject(), object);
  parseOptions(caller, rangeSchema(), { start, end });
  const { byteLength = Number.MAX_SAFE_INTEGER, url } = object;
  if (start <= end && end <= byteLength) return;
  throw new ConfigError(
    `${caller}: expected a range within the ${byteLength} bytes of ${url}, found the bytes from ${start} to ${end}`,
    { path: start > end ? 'start' : 'end' },
  );
}
