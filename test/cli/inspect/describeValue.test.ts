import { describe, expect, it } from '@jest/globals';
import { describeBytes, describeName } from '../../../src/cli/inspect/describeValue.js';
import { quoteWhole } from '../../../src/base/showValue.js';

/** Terminals interpret direction marks, line separators and C1 controls. */
const HOSTILE = ['\u200f', '\u2028', '\u009b', '\u061c'];

describe('the data in the output of inspect', () => {
  it.each(HOSTILE)('has no control character (%#)', (character) => {
    const text = `a${character}b`;
    const escaped = `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    expect(quoteWhole(text)).toBe(`"a${escaped}b"`);
    expect(describeBytes(Buffer.from(text))).not.toContain(character);
    expect(describeName(text)).not.toContain(character);
  });
});
