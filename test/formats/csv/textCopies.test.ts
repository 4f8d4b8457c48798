import fc from 'fast-check';
import { TextCopies } from '../../../src/formats/csv/textCopies.js';

const contents = fc.string({ unit: fc.constantFrom('a', 'é', '"', '"', '\n', '!', '#'), maxLength: 30 });

describe('TextCopies', () => {
  it('copies contents with one quote for each doubled quote, next to each other', () => {
    fc.assert(
      fc.property(fc.array(contents, { minLength: 1, maxLength: 8 }), (texts) => {
        const copies = new TextCopies();
        const found = texts.map((text) => {
          // The content ends at the end of its memory, as it does in the last row of a chunk.
          const bytes = new Uint8Array(Buffer.from(`xx${text.replaceAll('"', '""')}`));
          return copies.withoutDoubledQuotes(new DataView(bytes.buffer), 2, 2 + Buffer.byteLength(text));
        });
        expect(found.map((copy) => Buffer.from(copy).toString())).toEqual(texts);
      }),
      { numRuns: 1000 },
    );
  });

  it('begins another block if a copy does not fit', () => {
    const copies = new TextCopies();
    const bytes = new Uint8Array(Buffer.from(`${'a'.repeat(40_000)}""${'b'.repeat(90_000)}`));
    const view = new DataView(bytes.buffer);
    const small = copies.withoutDoubledQuotes(view, 0, 39_999);
    const next = copies.withoutDoubledQuotes(view, 39_000, 69_000);
    const large = copies.withoutDoubledQuotes(view, 0, bytes.length - 1);
    expect([small, next, large].map(({ length }) => length)).toEqual([39_999, 30_000, bytes.length - 1]);
    expect(Buffer.from(small).equals(Buffer.alloc(39_999, 'a'))).toBe(true);
    expect(Buffer.from(next).toString()).toBe(`${'a'.repeat(1000)}"${'b'.repeat(28_999)}`);
    expect(Buffer.from(large).toString()).toBe(`${'a'.repeat(40_000)}"${'b'.repeat(90_000)}`);
  });
});
