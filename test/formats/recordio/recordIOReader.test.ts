import { jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { ConfigError } from '../../../src/base/errors.js';
import { encodeRecordIO, encodeRecordIOParts } from '../../../src/formats/recordio/encodeRecordIO.js';
import type { RecordIOReaderOptions } from '../../../src/formats/recordio/recordIOOptions.js';
import { RecordIOReader } from '../../../src/formats/recordio/recordIOReader.js';
import { fixtureBytes, fixtureJson } from '../support/fixtures.js';
import { expectSameForEveryCut, expectTruncationAnywhere, inChunksOf, readAll } from '../support/readAll.js';

const createReader = () => new RecordIOReader();
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const MAGIC = Uint8Array.of(0x0a, 0x23, 0xd7, 0xce);

interface Index {
  readonly files: readonly {
    readonly file: string;
    readonly records: readonly { readonly bytes: number; readonly sha256: string }[];
  }[];
  readonly bad: readonly {
    readonly file: string;
    readonly name: string;
    readonly recordsBefore: number;
    readonly kind: string;
    readonly byteOffset: number;
  }[];
}

const index = fixtureJson('recordio/index.json') as Index;

/** One part with any header. */
function part(cflag: number, length: number, payload = new Uint8Array(0)): Uint8Array {
  const frame = new Uint8Array(8 + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 0xced7230a, true);
  view.setUint32(4, ((cflag << 29) | length) >>> 0, true);
  frame.set(payload, 8);
  return frame;
}

/** Payloads in which magic words are likely, aligned or not. */
const payloads = fc.array(
  fc.array(fc.oneof(fc.constant(MAGIC), fc.uint8Array({ maxLength: 9 })), { maxLength: 6 }).map((pieces) => {
    return new Uint8Array(Buffer.concat(pieces));
  }),
);

describe('RecordIOReader', () => {
  it.each(index.files)(
    'reads the records of $file, and encodeRecordIO writes the same bytes again',
    ({ file, records }) => {
      const input = fixtureBytes(file);
      for (const size of [7, 1000, 10_000_000]) {
        const outcome = readAll(new RecordIOReader({ multipart: 'dmlc' }), inChunksOf(size, input));
        const found = outcome.records.map((record) => ({
          bytes: record.length,
          sha256: createHash('sha256').update(record).digest('hex'),
        }));
        expect(found).toEqual(records);
        expect(outcome.ending).toBe('end');
        const written = outcome.records.map((record) => encodeRecordIO(record, { multipart: 'dmlc' }));
        expect(new Uint8Array(Buffer.concat(written))).toEqual(input);
      }
    },
  );

  it.each(index.bad)('finds $name', ({ file, recordsBefore, kind, byteOffset }) => {
    const input = fixtureBytes(file);
    const { records, ending } = readAll(createReader(), [input]);
    expect(records).toEqual([bytes(''), bytes('abc'), bytes('defgh')].slice(0, recordsBefore));
    expect(ending).toEqual({ kind, byteOffset, recordIndex: recordsBefore });
    expectSameForEveryCut(createReader, input);
  });

  it.each(['concat', 'dmlc'] as const)('reads the output of encodeRecordIO with multipart %p', (multipart) => {
    fc.assert(
      fc.property(payloads, fc.integer({ min: 1, max: 40 }), (records, size) => {
        const input = Buffer.concat(records.map((record) => encodeRecordIO(record, { multipart })));
        const outcome = readAll(new RecordIOReader({ multipart }), inChunksOf(size, input));
        expect(outcome).toMatchObject({ records, ending: 'end' });
      }),
    );
  });

  it('joins parts with nothing between them, or with the magic word', () => {
    const input = encodeRecordIOParts([bytes('ab'), bytes(''), bytes('cde')]);
    const read = (options: RecordIOReaderOptions) => readAll(new RecordIOReader(options), [input]).records;
    expect(read({})).toEqual([bytes('abcde')]);
    expect(read({ multipart: 'concat' })).toEqual([bytes('abcde')]);
    const joined = Buffer.concat([bytes('ab'), MAGIC, MAGIC, bytes('cde')]);
    expect(read({ multipart: 'dmlc' })).toEqual([new Uint8Array(joined)]);
  });

  it('returns a view of a record inside a chunk, and a copy of one across two', () => {
    const input = Buffer.concat([encodeRecordIO(bytes('abcde')), encodeRecordIO(bytes('fghi'))]);
    const first = new Uint8Array(input.subarray(0, 20));
    const { records } = readAll(createReader(), [first, new Uint8Array(input.subarray(20))]);
    expect(records).toEqual([bytes('abcde'), bytes('fghi')]);
    expect(records[0]!.buffer).toBe(first.buffer);
    expect(records[1]!.buffer.byteLength).toBe(12);
  });

  it('takes padding of any content', () => {
    const frame = encodeRecordIO(bytes('a'));
    frame.fill(0xff, 9);
    expect(readAll(createReader(), [frame])).toMatchObject({ records: [bytes('a')], ending: 'end' });
  });

  it('reads the same however the input is cut, sound or not', () => {
    const sound = [
      encodeRecordIO(bytes('abc')),
      encodeRecordIO(bytes('')),
      encodeRecordIOParts([bytes('d'), bytes('efgh')]),
    ];
    for (const tail of [[], [part(0, 4)], [part(1, 0), part(0, 0)], [part(3, 0)], [part(4, 0)], [bytes('no magic')]]) {
      const input = new Uint8Array(Buffer.concat([...sound, ...tail]));
      expectSameForEveryCut(createReader, input);
      expectSameForEveryCut(() => new RecordIOReader({ multipart: 'dmlc', maxRecordBytes: 7 }), input);
    }
  });

  it('finds every beginning of a file complete or truncated', () => {
    expectTruncationAnywhere(createReader, [
      encodeRecordIO(bytes('abc')),
      encodeRecordIOParts([bytes('d'), bytes('efgh'), bytes('')]),
      encodeRecordIO(bytes('')),
    ]);
  });

  it.each([
    ['a middle part first', [part(2, 0)], 0],
    ['a last part first', [part(3, 0)], 0],
    ['a whole record inside one of parts', [part(1, 0), part(0, 0)], 0],
    ['a first part inside a record of parts', [part(0, 0), part(1, 0), part(2, 0), part(1, 0)], 8],
    ['an unknown cflag', [part(0, 0), part(5, 0)], 8],
    ['a wrong magic word', [part(0, 0), bytes('12345678')], 8],
    ['a wrong magic word inside a record of parts', [part(0, 0), part(1, 0), bytes('12345678')], 8],
  ])('finds %s malformed', (_name, parts, byteOffset) => {
    const { ending } = readAll(createReader(), [Buffer.concat(parts)]);
    expect(ending).toEqual({ kind: 'malformed', byteOffset, recordIndex: byteOffset / 8 });
  });

  it('says which magic word it expected and which it found', () => {
    const { error } = readAll(createReader(), [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0)]);
    expect(error!.message).toContain('expected the magic word 0xced7230a, found 0x00088b1f');
  });

  it('refuses a length beyond maxRecordBytes before its payload has come', () => {
    const input = Buffer.concat([encodeRecordIO(new Uint8Array(8)), part(0, 9)]);
    const { records, ending } = readAll(new RecordIOReader({ maxRecordBytes: 8 }), [input]);
    expect(records).toHaveLength(1);
    expect(ending).toEqual({ kind: 'tooLarge', byteOffset: 16, recordIndex: 1 });
  });

  it('holds the parts of a record together to maxRecordBytes, and the magic words between them', () => {
    const input = encodeRecordIOParts([new Uint8Array(4), new Uint8Array(4)]);
    const read = (options: RecordIOReaderOptions) => readAll(new RecordIOReader(options), [input]).ending;
    expect(read({ maxRecordBytes: 8 })).toBe('end');
    expect(read({ maxRecordBytes: 7 })).toMatchObject({ kind: 'tooLarge', byteOffset: 0 });
    expect(read({ multipart: 'dmlc', maxRecordBytes: 12 })).toBe('end');
    expect(read({ multipart: 'dmlc', maxRecordBytes: 11 })).toMatchObject({ kind: 'tooLarge', byteOffset: 0 });
  });

  it('calls onMultipart once, at the first record of several parts', () => {
    const onMultipart = jest.fn();
    const reader = new RecordIOReader({ onMultipart });
    readAll(reader, [encodeRecordIO(bytes('whole'))]);
    expect(onMultipart).not.toHaveBeenCalled();
    readAll(reader, [encodeRecordIOParts([bytes('a'), bytes('b')]), encodeRecordIOParts([bytes('c'), bytes('d')])]);
    expect(onMultipart).toHaveBeenCalledTimes(1);
  });

  it.each([{ multipart: 'join' }, { maxRecordBytes: 0 }, { onMultipart: 1 }, { unknown: 1 }])(
    'throws a ConfigError for %p',
    (options) => {
      expect(() => new RecordIOReader(options as RecordIOReaderOptions)).toThrow(ConfigError);
    },
  );
});

describe('encodeRecordIO', () => {
  it('pads to four bytes with zeroes', () => {
    expect(Buffer.from(encodeRecordIO(bytes('a'))).toString('hex')).toBe('0a23d7ce0100000061000000');
  });

  it('splits at aligned magic words only', () => {
    const aligned = new Uint8Array(Buffer.concat([bytes('1234'), MAGIC, bytes('56')]));
    expect(encodeRecordIO(aligned, { multipart: 'dmlc' })).toEqual(encodeRecordIOParts([bytes('1234'), bytes('56')]));
    const shifted = new Uint8Array(Buffer.concat([bytes('123'), MAGIC, bytes('56')]));
    expect(encodeRecordIO(shifted, { multipart: 'dmlc' })).toEqual(encodeRecordIO(shifted));
  });

  it('refuses a payload that 29 bits cannot measure', () => {
    expect(() => encodeRecordIO(new Uint8Array(2 ** 29))).toThrow(ConfigError);
  });

  it.each([{ multiPart: 'dmlc' }, { multipart: 'DMLC' }, 'dmlc'])('refuses the options %p', (options) => {
    expect(() => encodeRecordIO(bytes('a'), options as never)).toThrow(ConfigError);
  });

  it('refuses a record without parts', () => {
    expect(() => encodeRecordIOParts([])).toThrow(ConfigError);
  });
});
