import type { ContentResult } from './content.js';
import { grouped } from '../../base/grouped.js';
import { MOSTLY, NINE_OF_TEN } from './shares.js';

const SAMPLE_LINES = 100;

/** `<label> qid:<id> <index>:<value> … # comment`. */
const LINE = /^\s*[-+]?[\d.][^\s:,#]*(\s+qid:\d+)?((?:\s+\d+:[-+]?[\d.][^\s:,#]*)*)\s*(?:#.*)?$/;
const COMMENT = /^\s*#/;

/** Detects LIBSVM: at least 90 % of the first 100 lines fit, and more than half of the fitting lines have features. */
export class LibsvmGuess {
  #lines = 0;
  #fitting = 0;
  #withFeatures = 0;
  #withQueryId = 0;
  #least = Infinity;
  #most = 0;
  #firstOdd: string | undefined;

  add(line: Uint8Array, place: () => string): void {
    const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString('latin1');
    if (COMMENT.test(text)) return;
    this.#lines++;
    const found = LINE.exec(text);
    const indices = Array.from((found?.[2] ?? '').matchAll(/(\d+):/g), ([, index]) => Number(index));
    if (!found || !ascend(indices)) {
      this.#firstOdd ??= place();
      return;
    }
    this.#fitting++;
    if (found[1] !== undefined) this.#withQueryId++;
    const [first, last] = [indices[0], indices.at(-1)];
    if (first === undefined || last === undefined) return;
    this.#withFeatures++;
    this.#least = Math.min(this.#least, first);
    this.#most = Math.max(this.#most, last);
  }

  /** True if the sample is complete and is not LIBSVM. */
  get isRefuted(): boolean {
    return this.#lines >= SAMPLE_LINES && !this.#fits;
  }

  /** `undefined` if the lines are not LIBSVM. */
  result(): ContentResult | undefined {
    if (!this.#fits) return undefined;
    const isZeroBased = this.#least === 0;
    const features = {
      features: isZeroBased ? this.#most + 1 : this.#most,
      ...(isZeroBased && { zeroBased: true }),
      ...(this.#withQueryId === this.#lines && { queryId: true }),
    };
    const remarks = [
      'read the lines with decodeTextLine() and decodeLibsvm()',
      '"features" is computed from the largest index: if other files have larger indices, increase it',
    ];
    if (this.#firstOdd !== undefined) {
      const share = `${grouped(this.#fitting)} of ${grouped(this.#lines)} lines`;
      remarks.push(
        `${share} are LIBSVM; ${this.#firstOdd} is not, so decodeLibsvm fails; { onBadRecord: 'skip' } skips bad lines`,
      );
    }
    return { name: 'LIBSVM', decoder: 'decodeLibsvm', features, isBatchable: true, remarks };
  }

  get #fits(): boolean {
    return this.#fitting >= NINE_OF_TEN * this.#lines && this.#withFeatures > MOSTLY * this.#fitting;
  }
}

function ascend(indices: readonly number[]): boolean {
  return indices.every((index, at) => index > (indices[at - 1] ?? -1));
}
