import { describe, expect, it } from '@jest/globals';
import { concat, of, throwError } from 'rxjs';
import { decodeRecordIO } from '../../operators/decodeRecordIO.js';
import { decodeRecords } from '../../operators/decodeRecords.js';
import { decodeTextLine } from '../../operators/decodeTextLine.js';
import { decodeTFRecord } from '../../operators/decodeTFRecord.js';
import { encodeRecordIO, encodeRecordIOParts } from '../../src/formats/recordio/encodeRecordIO.js';
import { encodeTFRecord } from '../../src/formats/tfrecord/encodeTFRecord.js';
import { TextLineReader } from '../../src/formats/text/textLineReader.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { collectWarnings } from '../support/collectWarnings.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('decodeRecords', () => {
  const lines = () => decodeRecords(() => new TextLineReader({ encoding: 'utf8' }));

  it('emits each record when its last byte has arrived, or at the end', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c-|', { a: bytes('one\ntw'), b: bytes('o\nthree\n'), c: bytes('four') });
      const subscribed = '^------!';
      const expected = '  -1-(23)(4|)';
      expectObservable(source.pipe(lines())).toBe(expected, { 1: 'one', 2: 'two', 3: 'three', 4: 'four' });
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('decodes one record at a time on demand, and requests a chunk when it has none', () => {
    const { numbers, made } = countedNumbers(3);
    const chunks = function* (): Generator<Uint8Array> {
      for (const number of numbers) yield bytes(`${number}a\n${number}b\n`);
    };
    const consumer = consumeByHand(fromIterable(chunks()).pipe(lines()), { onItem: (_line, gate) => gate.close() });
    expect([consumer.items, made()]).toEqual([[], 0]);
    for (const [expected, chunkCount] of [
      [['0a'], 1],
      [['0a', '0b'], 1],
      [['0a', '0b', '1a'], 2],
    ] as const) {
      consumer.gate.open();
      expect([consumer.items, made()]).toEqual([expected, chunkCount]);
    }
  });

  it('queues the chunks of a source that ignores the gate', () => {
    const consumer = consumeByHand(of(bytes('a\n'), bytes('b\n'), bytes('c\n')).pipe(lines()), {
      onItem: (_line, gate) => gate.close(),
    });
    for (const expected of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
      consumer.gate.open();
      expect(consumer.items).toEqual(expected);
    }
    consumer.gate.open();
    expect(consumer.ending()).toBe('complete');
  });

  it('emits the complete records before its source’s error, and drops the rest', () => {
    const failing = concat(
      of(bytes('one\ntw')),
      throwError(() => 'source'),
    );
    expect(notifications(failing.pipe(lines()))).toEqual(['one', 'source']);
  });

  it('makes a new reader for each subscription', () => {
    const decoded = of(bytes('one\ntw')).pipe(lines());
    expect(notifications(decoded)).toEqual(['one', 'tw', 'complete']);
    expect(notifications(decoded)).toEqual(['one', 'tw', 'complete']);
  });
});

describe('decodeTFRecord', () => {
  const records = ['one', 'two', 'three'].map((text) => encodeTFRecord(bytes(text)));

  it('decodes the payloads', () => {
    expect(notifications(of(Buffer.concat(records)).pipe(decodeTFRecord()))).toEqual([
      ...['one', 'two', 'three'].map((text) => Uint8Array.from(bytes(text))),
      'complete',
    ]);
  });

  it('notifies a bad record after earlier records, with its offset and index', () => {
    const damaged = Buffer.concat(records);
    const secondStart = records[0]?.length ?? 0;
    damaged[secondStart + 13] = 0xff;
    const [first, error] = notifications(of(damaged).pipe(decodeTFRecord()));
    expect(first).toEqual(Uint8Array.from(bytes('one')));
    expect(error).toMatchObject({ code: 'ERR_FORMAT_CHECKSUM', byteOffset: secondStart, recordIndex: 1 });
  });

  it('notifies a truncated end', () => {
    const cut = Buffer.concat(records).subarray(0, -1);
    const seen = notifications(of(cut).pipe(decodeTFRecord()));
    expect(seen.at(-1)).toMatchObject({ code: 'ERR_FORMAT_TRUNCATED', recordIndex: 2 });
    expect(seen.length).toBe(3);
  });

  it('throws at the call for bad options', () => {
    expect(() => decodeTFRecord({ maxRecordBytes: 0 })).toThrow(/maxRecordBytes/);
    expect(notifications(of(Buffer.concat(records)).pipe(decodeTFRecord({ maxRecordBytes: 2 })))).toEqual([
      expect.objectContaining({ code: 'ERR_FORMAT_TOO_LARGE' }),
    ]);
  });
});

describe('decodeRecordIO', () => {
  const multipart = encodeRecordIOParts([bytes('ab'), bytes('cd')]);

  it('joins parts as configured, and warns once by default', async () => {
    const concatenated = Uint8Array.from(bytes('abcd'));
    const withMagic = Uint8Array.of(97, 98, 0x0a, 0x23, 0xd7, 0xce, 99, 100);
    const warnings = await collectWarnings(() => {
      const untold = decodeRecordIO();
      expect(notifications(of(multipart, multipart).pipe(untold))).toEqual([concatenated, concatenated, 'complete']);
      expect(notifications(of(multipart).pipe(untold))).toEqual([concatenated, 'complete']);
      const told = notifications(of(multipart).pipe(decodeRecordIO({ multipart: 'concat' })));
      expect(told).toEqual([concatenated, 'complete']);
      expect(notifications(of(multipart).pipe(decodeRecordIO({ multipart: 'dmlc' })))).toEqual([withMagic, 'complete']);
    });
    expect(warnings).toEqual([{ code: 'MILLRACE_MULTIPART', message: expect.stringContaining('dmlc') }]);
  });

  it('notifies bytes that are not RecordIO, and throws at the call for bad options', () => {
    const seen = notifications(of(encodeRecordIO(bytes('one')), bytes('no magic')).pipe(decodeRecordIO()));
    expect(seen).toEqual([
      Uint8Array.from(bytes('one')),
      expect.objectContaining({ code: 'ERR_FORMAT_MALFORMED', byteOffset: 12, recordIndex: 1 }),
    ]);
    expect(() => decodeRecordIO({ multipart: 'other' as 'dmlc' })).toThrow(/multipart/);
  });
});

describe('decodeTextLine', () => {
  it('emits bytes, or strings with an encoding', () => {
    const source = of(bytes('é\r\n\nlast'));
    expect(notifications(source.pipe(decodeTextLine()))).toEqual([
      Uint8Array.from(bytes('é')),
      new Uint8Array(0),
      Uint8Array.from(bytes('last')),
      'complete',
    ]);
    expect(notifications(source.pipe(decodeTextLine({ encoding: 'utf8' })))).toEqual(['é', '', 'last', 'complete']);
  });

  it('notifies bytes that are not UTF-8, with an encoding', () => {
    const seen = notifications(of(Uint8Array.of(97, 10, 0xff, 10)).pipe(decodeTextLine({ encoding: 'utf8' })));
    expect(seen).toEqual([
      'a',
      expect.objectContaining({ code: 'ERR_FORMAT_MALFORMED', byteOffset: 2, recordIndex: 1 }),
    ]);
  });
});
