import { describe, expect, it } from '@jest/globals';
import { FormatError, MillraceError } from '../../src/base/errors.js';
import { printable } from '../../src/base/printable.js';

describe('printable', () => {
  it.each([
    ['the escape that begins a terminal sequence', '\u001b[2J', '\\u001b[2J'],
    ['the C1 control that begins one', '\u009b2J', '\\u009b2J'],
    ['a mark of direction', 'a\u200fb', 'a\\u200fb'],
    ['an override of direction', '\u202egnp', '\\u202egnp'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['a byte order mark', '\ufeffid', '\\ufeffid'],
    ['a carriage return', 'a\rb', 'a\\u000db'],
    ['a tag character', 'a\u{e0041}', 'a\\u{e0041}'],
    ['half of a surrogate pair', '\ud800', '\\ud800'],
  ])('escapes %s', (_, text, escaped) => {
    expect(printable(text)).toBe(escaped);
  });

  it('does not change letters of any script, emoji and newlines', () => {
    const text = 'é 日本語 مرحبا 😀\n  next line';
    expect(printable(text)).toBe(text);
  });
});

describe('MillraceError', () => {
  it('contains no character that controls a terminal', () => {
    const error = new MillraceError('no feature \u001b]0;x\u0007\u2028', { code: 'ERR_VALUE' });
    expect(error.message).toBe('no feature \\u001b]0;x\\u0007\\u2028');
    expect(error.stack).not.toContain('\u001b');
    const place = { kind: 'malformed', format: 'CSV', byteOffset: 0, recordIndex: 0 } as const;
    expect(new FormatError('found \u200f', place).message).toContain('found \\u200f');
  });
});
