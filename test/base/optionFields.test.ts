import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  abortSignal,
  milliseconds,
  overrunPolicy,
  positiveMilliseconds,
  seedOption,
} from '../../src/base/optionFields.js';

/** The code that a duplicate of a shared field would contain. */
const WRITTEN_AGAIN = [
  /instanceof\(AbortSignal\)/,
  /0xffff_ffff\)/,
  /enum\(\['warn', 'error'\]\)/,
  /\.max\((?:2 \*\* 31 - 1|0x7fff_ffff|2_?147_?483_?647)\)/,
  /\(value\) => typeof value === 'function',/,
];

describe('the fields that options share', () => {
  it('take a time that a timer can wait for', () => {
    expect([0, 0.5, 2 ** 31 - 1].map((time) => milliseconds().safeParse(time).success)).toEqual([true, true, true]);
    expect([-1, 2 ** 31, NaN].map((time) => milliseconds().safeParse(time).success)).toEqual([false, false, false]);
    expect([0, 0.5].map((time) => positiveMilliseconds().safeParse(time).success)).toEqual([false, true]);
  });

  it('take a signal, a seed of 32 bits and a policy', () => {
    expect([new AbortController().signal, {}].map((signal) => abortSignal().safeParse(signal).success)).toEqual([
      true,
      false,
    ]);
    expect([0, 2 ** 32 - 1, 2 ** 32, 0.5].map((seed) => seedOption().safeParse(seed).success)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(['warn', 'error', 'fail'].map((policy) => overrunPolicy().safeParse(policy).success)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('are written once', () => {
    const files = ['src', 'operators'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(folder, file)),
    );
    const places = files.filter((file) => {
      const text = readFileSync(file, 'utf8');
      return WRITTEN_AGAIN.some((pattern) => pattern.test(text));
    });
    expect(places.sort()).toEqual(['src/base/optionFields.ts', 'src/base/parseOptions.ts']);
  });
});
