import fc from 'fast-check';
import { skipPlain, skipQuoted } from '../../../src/formats/table/rowSplitter.js';
import { runs } from '../../support/runs.js';

const SEMICOLON = 0x3b;
const texts = (units: readonly string[]) => fc.string({ unit: fc.constantFrom(...units), maxLength: 24 });
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

describe('skipPlain', () => {
  it('finds the first delimiter or line end', () => {
    // U+013B and U+0A3B contain the bytes of the delimiter and of the newline only as parts of other numbers.
    const fields = texts(['a', 'é', '\u{10a3b}', '"', '\r', '\u000b', '\u003a', '\u003c']);
    fc.assert(
      fc.property(fields, fc.constantFrom(';', '\n', '\r\n'), texts(['a', ';', '\n', '\r']), (field, end, rest) => {
        const content = field.replace(/\r+$/, '');
        const bytes = Buffer.from(`;\n${content}${end}${rest}`);
        expect(skipPlain(viewOf(bytes), 2, SEMICOLON)).toBe(2 + Buffer.byteLength(content));
      }),
      { numRuns: runs(2000) },
    );
  });

  it('finds a line end that is the first or the last byte of the memory', () => {
    expect(skipPlain(viewOf(Uint8Array.of(0x0a)), 0, SEMICOLON)).toBe(0);
    expect(skipPlain(viewOf(new Uint8Array(Buffer.from('\r\n'))), 0, SEMICOLON)).toBe(0);
    expect(skipPlain(viewOf(new Uint8Array(Buffer.from('\r\n'))), 1, SEMICOLON)).toBe(1);
    expect(skipPlain(viewOf(new Uint8Array(Buffer.from('abcdefg\n'))), 0, SEMICOLON)).toBe(7);
  });
});

describe('skipQuoted', () => {
  it('finds the closing quote, and counts line ends and doubled quotes', () => {
    const contents = texts(['a', 'é', '"', '\n', '\r', ';', '\u0021', '\u0023', '\u000b']);
    fc.assert(
      fc.property(contents, texts(['a', ';', '"', '\n']), (content, rest) => {
        const field = `"${content.replaceAll('"', '""')}"`;
        const bytes = Buffer.from(`x${field};${rest}\n`);
        const counts = { newlines: 5, doubledQuotes: 9 };
        expect(skipQuoted(viewOf(bytes), 1, bytes.length, counts)).toBe(1 + Buffer.byteLength(field));
        expect(counts).toEqual({
          newlines: 5 + content.split('\n').length - 1,
          doubledQuotes: content.split('"').length - 1,
        });
      }),
      { numRuns: runs(2000) },
    );
  });

  it('finds no closing quote at or after `end`', () => {
    fc.assert(
      fc.property(texts(['a', 'b', '\n']), texts(['"', 'a', '\n']), (content, rest) => {
        const rows = Buffer.from(`"${content}\n`);
        const bytes = Buffer.concat([rows, Buffer.from(rest)]);
        expect(skipQuoted(viewOf(bytes), 0, rows.length, { newlines: 0, doubledQuotes: 0 })).toBe(-1);
      }),
    );
  });
});
