import { expect } from '@jest/globals';
import { firstValueFrom, take, toArray, type Observable } from 'rxjs';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { resumable, type ResumableOptions } from '../../operators/resumable.js';
import type { Cursor } from '../../src/resume/cursor.js';
import { ConfigError } from '../../src/base/errors.js';
import { fromIterable } from '../../src/sources/fromIterable.js';

/** The numbers from 0. */
export const numbers = (count = 10): Observable<number> => fromIterable(Array.from({ length: count }, (_, i) => i));
/** Makes lines of a letter and a number. */
export const lines = (count: number, letter = ''): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, i) => `${letter}${i}\n`).join(''));
/** Decodes lines of text. */
export const text = decodeTextLine({ encoding: 'utf8' });

/** Returns the items of one pass. */
export const all = <T>(source$: Observable<T>): Promise<T[]> => firstValueFrom(source$.pipe(toArray()));

/** Takes `count` items of one pass. Returns the cursor as another process reads it. */
export async function cursorAfter<T>(
  items: number,
  source$: Observable<T>,
  options: ResumableOptions = {},
): Promise<Cursor> {
  const resume = resumable<T>(options);
  await all(source$.pipe(resume, take(items)));
  return JSON.parse(JSON.stringify(resume.cursor())) as Cursor;
}

/** Returns the error of a pass that continues from a cursor. */
export async function refusal<T>(source$: Observable<T>, options: ResumableOptions = {}): Promise<ConfigError> {
  const error: unknown = await all(source$.pipe(resumable<T>(options))).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ConfigError);
  return error as ConfigError;
}
