import { expect } from '@jest/globals';
import { firstValueFrom, take, toArray, type Observable } from 'rxjs';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { resumable, type ResumableOptions } from '../../operators/resumable.js';
import type { Cursor } from '../../src/resume/cursor.js';
import { ConfigError } from '../../src/base/errors.js';
import { fromIterable } from '../../src/sources/fromIterable.js';

/** The numbers from 0. */
export const numbers = (count = 10): Observable<number> => fromIterable(Array.from({ length: count }, (_, i) => i));
/** So many lines of text, each a letter and its number. */
export const lines = (count: number, letter = ''): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, i) => `${letter}${i}\n`).join(''));
/** Decodes lines of text. */
export const text = decodeTextLine({ encoding: 'utf8' });

/** The items of one pass. */
export const all = <T>(source$: Observable<T>): Promise<T[]> => firstValueFrom(source$.pipe(toArray()));

/** Takes so many items of one pass, and gives the cursor, as another process reads it. */
export async function cursorAfter<T>(
  items: number,
  source$: Observable<T>,
  options: ResumableOptions = {},
): Promise<Cursor> {
  const resume = resumable<T>(options);
  await all(source$.pipe(resume, take(items)));
  return JSON.parse(JSON.stringify(resume.cursor())) as Cursor;
}

/** What a pass that goes on from a cursor is refused with. */
export async function refusal<T>(source$: Observable<T>, options: ResumableOptions = {}): Promise<ConfigError> {
  const error: unknown = await all(source$.pipe(resumable<T>(options))).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ConfigError);
  return error as ConfigError;
}
