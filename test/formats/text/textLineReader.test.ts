import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ConfigError } from '../../../src/base/errors.js';
import { encodeTextLine } from '../../../src/formats/text/encodeTextLine.js';
import type { TextLineReaderOptions } from '../../../src/formats/text/textLineOptions.js';
import { TextLineReader } from '../../../src/formats/text/textLineReader.js';
import { fixtureBytes, fixtureJson, fromBase64 } from '../support/fixtures.js';
import { expectSameForEveryCut, inChunksOf, readAll } from '../support/readAll.js';

const files = fixtureJson('textline/index.json') as { readonly file: string; readonly lines: readonly string[] }[];
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const linesOf = (text: string, options: TextLineReaderOptions = {}) =>
  readAll(new TextLineReader({ ...options, encoding: 'utf8' }), [bytes(text)]).records;

describe('TextLineReader', () => {
  it.each(files)('reads the same as TensorFlow from $file', ({ file, lines }) => {
    for (const size of [7, 1 << 20]) {
      const reader = new TextLineReader({ carriageReturns: 'all' });
      const { records, ending } = readAll(reader, inChunksOf(size, fixtureBytes(file)));
      expect(records.map((line) => new Uint8Array(line))).toEqual(lines.map(fromBase64));
      expect(ending).toBe('end');
    }
  });

  it.each(files)('reads $file the same however it is cut', ({ file }) => {
    for (const carriageReturns of ['beforeNewline', 'all', 'keep'] as const) {
      expectSameForEveryCut(() => new TextLineReader({ carriageReturns }), fixtureBytes(file));
    }
    expectSameForEveryCut(() => new TextLineReader({ encoding: 'utf8' }), fixtureBytes(file));
  });

  it('drops a carriage return just before a newline, and no other', () => {
    expect(linesOf('a\rb\r\r\n\r\nc\r')).toEqual(['a\rb\r', '', 'c\r']);
  });

  it('drops all carriage returns, or none', () => {
    expect(linesOf('a\rb\r\r\n\r\nc\r', { carriageReturns: 'all' })).toEqual(['ab', '', 'c']);
    expect(linesOf('a\rb\r\r\n\r\nc\r', { carriageReturns: 'keep' })).toEqual(['a\rb\r\r', '\r', 'c\r']);
  });

  it('returns a last line without a newline at the end', () => {
    const reader = new TextLineReader();
    reader.push(bytes('a\nb'));
    expect([reader.read(), reader.read()]).toEqual([bytes('a'), undefined]);
    expect(reader.end()).toEqual(bytes('b'));
  });

  it('leaves out lines at the start, and counts them in errors', () => {
    expect(linesOf('x,y\n1,2\n3,4\n', { skipLines: 1 })).toEqual(['1,2', '3,4']);
    expect(linesOf('\n\n1,2', { skipLines: 2 })).toEqual(['1,2']);
    const input = Uint8Array.of(0x78, 0x0a, 0x61, 0x0a, 0xc3, 0x28, 0x0a);
    const { records, ending } = readAll(new TextLineReader({ encoding: 'utf8', skipLines: 1 }), [input]);
    expect(records).toEqual(['a']);
    expect(ending).toEqual({ kind: 'malformed', byteOffset: 4, recordIndex: 2 });
  });

  it('returns nothing from a file that has only skipped lines', () => {
    for (const text of ['', 'x,y', 'x,y\n', '\ufeffx,y\r\n']) expect(linesOf(text, { skipLines: 1 })).toEqual([]);
    expect(linesOf('a\nb\nc', { skipLines: 1_000_000 })).toEqual([]);
  });

  it.each([0, 1, 2, 3, 4])('leaves out %i lines however the file is cut', (skipLines) => {
    expectSameForEveryCut(() => new TextLineReader({ skipLines }), bytes('x,y\r\n\n1,2\n3,4'));
  });

  it.each([-1, 0.5, '1'])('refuses to leave out %p lines', (skipLines) => {
    expect(() => new TextLineReader({ skipLines: skipLines as number })).toThrow(
      /^TextLineReader: skipLines: expected/,
    );
  });

  it('keeps a byte order mark in strings', () => {
    expect(linesOf('\ufeffa\nb')).toEqual(['\ufeffa', 'b']);
  });

  it('reads characters that chunks cut apart', () => {
    const { records } = readAll(new TextLineReader({ encoding: 'utf8' }), inChunksOf(1, bytes('né\n日本\n')));
    expect(records).toEqual(['né', '日本']);
  });

  it('reports invalid UTF-8 as malformed if it reads strings', () => {
    const input = Uint8Array.of(0x61, 0x0a, 0xc3, 0x28, 0x0a);
    const { records, ending } = readAll(new TextLineReader({ encoding: 'utf8' }), [input]);
    expect(records).toEqual(['a']);
    expect(ending).toEqual({ kind: 'malformed', byteOffset: 2, recordIndex: 1 });
    expect(readAll(new TextLineReader(), [input]).ending).toBe('end');
    expectSameForEveryCut(() => new TextLineReader({ encoding: 'utf8' }), input);
    expectSameForEveryCut(() => new TextLineReader({ encoding: 'utf8' }), input.subarray(0, 3));
  });

  it('returns a view of a line inside a chunk, and a copy of one across two', () => {
    const first = bytes('ab\ncd');
    const { records } = readAll(new TextLineReader(), [first, bytes('e\n')]);
    expect(records).toEqual([bytes('ab'), bytes('cde')]);
    expect(records[0]!.buffer).toBe(first.buffer);
    expect(records[1]!.buffer.byteLength).toBe(3);
  });

  it('holds lines to maxRecordBytes, before their end has come', () => {
    const createReader = () => new TextLineReader({ maxRecordBytes: 4 });
    expect(readAll(createReader(), [bytes('abcd\n12')]).ending).toBe('end');
    const tooLarge = { kind: 'tooLarge', byteOffset: 3, recordIndex: 1 };
    for (const input of ['ab\n12345', 'ab\n12345\n', 'ab\n123456789']) {
      expect(readAll(createReader(), [bytes(input)]).ending).toEqual(tooLarge);
      expectSameForEveryCut(createReader, bytes(input));
    }
  });

  it('reads the output of encodeTextLine', () => {
    const line = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n'));
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 30 }), (lines, size) => {
        const input = Buffer.concat(lines.map(encodeTextLine));
        const reader = new TextLineReader({ encoding: 'utf8', carriageReturns: 'keep' });
        expect(readAll(reader, inChunksOf(size, input))).toMatchObject({ records: lines, ending: 'end' });
      }),
    );
  });

  it('reads a line of many chunks', () => {
    const long = 'x'.repeat(3_000_000);
    const { records } = readAll(
      new TextLineReader({ encoding: 'utf8' }),
      inChunksOf(65536, bytes(`${long}\nb\n${long}`)),
    );
    expect(records).toEqual([long, 'b', long]);
  });

  it.each<[string, Uint8Array, string]>([
    [
      'gzip',
      gzipSync('1,2\n'),
      "found gzip (compressed): if compression: 'none' is set, remove this option; if the bytes come from a channel, set CompressionType Gzip; otherwise, put decompress('gzip') before the decoder",
    ],
    ['gzip with a newline in its header', Uint8Array.of(0x1f, 0x8b, 0x08, 0x0a, 0, 0), 'found gzip (compressed)'],
    ['zlib', deflateSync('some text, some more text\n'), "found zlib (compressed): put decompress('zlib') before"],
    [
      'zstd',
      Buffer.from('28b52ffd2404210000312c320a', 'hex'),
      "found zstd (compressed): put decompress('zstd') before the decoder",
    ],
    [
      'bzip2',
      Buffer.from('425a68393141592653594eece83600', 'hex'),
      'found bzip2 (compressed): millrace decompresses only gzip, zlib, zstd and brotli',
    ],
  ])('refuses %s, with the remedy', (_name, input, message) => {
    const { records, error } = readAll(new TextLineReader(), [new Uint8Array(input)]);
    expect(records).toEqual([]);
    expect(error?.message).toContain(`TextLine: expected text, ${message}`);
    expectSameForEveryCut(() => new TextLineReader(), new Uint8Array(input));
    expectSameForEveryCut(() => new TextLineReader({ encoding: 'utf8' }), new Uint8Array(input));
  });

  it('reads text that begins like compressed data', () => {
    expect(linesOf('BZh91AY&SY\nx^2\n')).toEqual(['BZh91AY&SY', 'x^2']);
    expect(readAll(new TextLineReader(), [Uint8Array.of(0x78, 0x9c, 0x0a, 0x31)]).ending).toBe('end');
  });

  it('refuses a chunk, or the end, while the one before has not been read', () => {
    const reader = new TextLineReader();
    reader.push(bytes('a\n'));
    expect(() => reader.push(bytes('b\n'))).toThrow(RangeError);
    expect(() => reader.end()).toThrow(RangeError);
  });

  it.each([{ encoding: 'latin1' }, { carriageReturns: 'drop' }, { maxRecordBytes: -1 }])(
    'throws a ConfigError for %p',
    (options) => {
      expect(() => new TextLineReader(options as TextLineReaderOptions)).toThrow(ConfigError);
    },
  );
});

describe('encodeTextLine', () => {
  it('takes strings and bytes', () => {
    expect(encodeTextLine('né')).toEqual(bytes('né\n'));
    expect(encodeTextLine(Uint8Array.of(0xff))).toEqual(Uint8Array.of(0xff, 0x0a));
  });

  it('refuses a line that holds a newline', () => {
    expect(() => encodeTextLine('a\nb')).toThrow(ConfigError);
  });
});
