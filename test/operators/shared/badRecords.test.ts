import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { from, map, of, take, type Observable } from 'rxjs';
import { batch } from '../../../operators/batch.js';
import { decodeCsv } from '../../../operators/decodeCsv.js';
import { decodeRecordIO } from '../../../operators/decodeRecordIO.js';
import { decodeTFRecord } from '../../../operators/decodeTFRecord.js';
import { parseExample } from '../../../operators/parseExample.js';
import { parseRecordProtobuf } from '../../../operators/parseRecordProtobuf.js';
import { parseSequenceExample } from '../../../operators/parseSequenceExample.js';
import { parseSingleExample } from '../../../operators/parseSingleExample.js';
import type { BadRecordOptions } from '../../../operators/shared/badRecords.js';
import { ShapeError } from '../../../src/base/errors.js';
import { ndarray } from '../../../src/arrays/ndarray.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { encodeRecordIO } from '../../../src/formats/recordio/encodeRecordIO.js';
import { encodeRecordProtobuf } from '../../../src/formats/recordProtobuf/encodeRecordProtobuf.js';
import { encodeSequenceExample } from '../../../src/formats/example/encodeSequenceExample.js';
import { encodeTFRecord } from '../../../src/formats/tfrecord/encodeTFRecord.js';
import { fixedLenFeature } from '../../../src/formats/example/features.js';
import type { RecordTensor } from '../../../src/formats/recordProtobuf/recordProtobufParser.js';
import { fromIterable } from '../../../src/sources/fromIterable.js';
import { collectWarnings } from '../../support/collectWarnings.js';
import { consumeByHand } from '../../../src/testing/consumeByHand.js';
import { marbles } from '../../support/marbles.js';
import { notifications } from '../../support/notifications.js';

/** Makes ten TFRecords of one byte. The given records have a wrong data checksum. */
function tfrecords(...bad: number[]): Uint8Array {
  const frames = Array.from({ length: 10 }, (_, index) => encodeTFRecord(Uint8Array.of(index)));
  for (const index of bad) frames[index]![12]! ^= 0x80;
  return new Uint8Array(Buffer.concat(frames));
}

/** Returns the numbers of the records, and the ending. */
function read(bytes: Uint8Array, options: BadRecordOptions, cutAt = bytes.length): unknown[] {
  const chunks = [bytes.subarray(0, cutAt), bytes.subarray(cutAt)];
  return notifications(fromIterable(chunks).pipe(decodeTFRecord(options))).map((item) =>
    item instanceof Uint8Array ? item[0] : item,
  );
}

const skip = (): 'skip' => 'skip';

describe('decodeTFRecord with onBadRecord', () => {
  it('skips records with a wrong checksum of their data, with any cut into chunks', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(9)), fc.nat(170), (bad, cutAt) => {
        const sound = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].filter((index) => !bad.includes(index));
        expect(read(tfrecords(...bad), { onBadRecord: skip }, cutAt)).toEqual([...sound, 'complete']);
      }),
    );
  });

  it('calls a function for each, with its position and the counts', () => {
    const told: unknown[] = [];
    read(tfrecords(3, 4), {
      onBadRecord: ({ code, ...error }, counts) => {
        told.push({ code, recordIndex: (error as { recordIndex?: number }).recordIndex, ...counts });
        return 'skip';
      },
    });
    expect(told).toEqual([
      { code: 'ERR_FORMAT_CHECKSUM', recordIndex: 3, bad: 1, bytes: 17 },
      { code: 'ERR_FORMAT_CHECKSUM', recordIndex: 4, bad: 2, bytes: 34 },
    ]);
  });

  it('fails if the function returns fail, and by default', () => {
    const failure = expect.objectContaining({ code: 'ERR_FORMAT_CHECKSUM', recordIndex: 2, byteOffset: 34 });
    expect(read(tfrecords(2), { onBadRecord: () => 'fail' })).toEqual([0, 1, failure]);
    expect(read(tfrecords(2), { onBadRecord: 'fail' })).toEqual([0, 1, failure]);
    expect(read(tfrecords(2), {})).toEqual([0, 1, failure]);
  });

  it('fails at the first record over the budget, with the last error as its cause', () => {
    expect(read(tfrecords(1, 3), { onBadRecord: skip, maxBadRecords: 2 }).at(-1)).toBe('complete');
    expect(read(tfrecords(1, 3, 5), { onBadRecord: skip, maxBadRecords: 2 })).toEqual([
      ...[0, 2, 4],
      expect.objectContaining({
        code: 'ERR_FORMAT_CHECKSUM',
        message: expect.stringContaining('more than 2 bad records'),
        cause: expect.objectContaining({ recordIndex: 5 }),
      }),
    ]);
    expect(read(tfrecords(1), { onBadRecord: skip, maxBadRecords: 0 })).toHaveLength(2);
  });

  it('has a budget for each subscription', () => {
    const decoded = of(tfrecords(1)).pipe(decodeTFRecord({ onBadRecord: skip, maxBadRecords: 1 }));
    for (let i = 0; i < 2; i++) expect(notifications(decoded)).toHaveLength(10);
  });

  it('warns at the end of a subscription about skipped records', async () => {
    const warnings = await collectWarnings(() => {
      const decoded = of(tfrecords(1, 3)).pipe(decodeTFRecord({ onBadRecord: 'skip' }));
      notifications(decoded);
      notifications(decoded.pipe(take(2)));
      notifications(of(tfrecords()).pipe(decodeTFRecord({ onBadRecord: 'skip' })));
      read(tfrecords(1), { onBadRecord: skip });
    });
    expect(warnings).toEqual([
      {
        code: 'MILLRACE_BAD_RECORDS',
        message: expect.stringMatching(
          /decodeTFRecord has skipped 2 bad records \(34 bytes in total\).* \(record 1, byte offset 17\)/,
        ),
      },
      { code: 'MILLRACE_BAD_RECORDS', message: expect.stringContaining('1 bad record (17 bytes in total)') },
    ]);
  });

  it('always fails at a wrong checksum of a length, and at a truncated end', () => {
    const badLength = tfrecords();
    badLength[17 + 8]! ^= 1;
    expect(read(badLength, { onBadRecord: skip })).toEqual([0, expect.objectContaining({ kind: 'checksum' })]);
    const bytes = tfrecords(9);
    for (let length = 9 * 17 + 1; length < bytes.length; length++) {
      expect(read(bytes.subarray(0, length), { onBadRecord: skip }).at(-1)).toMatchObject({ kind: 'truncated' });
    }
  });

  it('still decodes one record at a time on demand', () => {
    const decoded = of(tfrecords(0, 1, 4)).pipe(decodeTFRecord({ onBadRecord: skip }));
    const consumer = consumeByHand(decoded, { onItem: (_record, gate) => gate.close() });
    for (const last of [2, 3, 5]) {
      consumer.gate.open();
      expect(consumer.items.at(-1)?.[0]).toBe(last);
    }
    expect(consumer.items).toHaveLength(3);
  });

  it('throws at the call for bad options', () => {
    expect(() => decodeTFRecord({ onBadRecord: 'drop' as 'skip' })).toThrow(/onBadRecord/);
    expect(() => decodeTFRecord({ maxBadRecords: -1 })).toThrow(/maxBadRecords/);
    for (const onBadRecord of [undefined, 'fail'] as const) {
      expect(() => decodeTFRecord({ onBadRecord, maxBadRecords: 1 })).toThrow(
        expect.objectContaining({ code: 'ERR_CONFIG', path: 'maxBadRecords' }),
      );
    }
  });
});

describe('decodeRecordIO with resync', () => {
  const [one, two] = ['one', 'two'].map((text) => encodeRecordIO(Buffer.from(text))) as [Uint8Array, Uint8Array];
  const damaged$: Observable<Uint8Array> = of(one, Buffer.from('garbage'), two);
  const records = [Uint8Array.from(Buffer.from('one')), Uint8Array.from(Buffer.from('two'))];

  it('continues at the next magic word, and reports the skipped bytes', async () => {
    const warnings = await collectWarnings(() => {
      expect(notifications(damaged$.pipe(decodeRecordIO({ resync: true })))).toEqual([...records, 'complete']);
    });
    expect(warnings).toEqual([
      {
        code: 'MILLRACE_BAD_RECORDS',
        message: expect.stringMatching(
          /decodeRecordIO .* 1 bad record \(7 bytes .*magic word.* \(record 1, byte offset 12\)/,
        ),
      },
    ]);
  });

  it('calls a function, and has a limit', () => {
    const told: unknown[] = [];
    const onBadRecord = (_error: unknown, counts: unknown): 'skip' => {
      told.push(counts);
      return 'skip';
    };
    const [first] = records;
    expect(notifications(damaged$.pipe(decodeRecordIO({ resync: true, onBadRecord })))).toEqual([
      ...records,
      'complete',
    ]);
    expect(told).toEqual([{ bad: 1, bytes: 7 }]);
    const strict = decodeRecordIO({ resync: true, maxBadRecords: 0 });
    expect(notifications(damaged$.pipe(strict))).toEqual([
      first,
      expect.objectContaining({ code: 'ERR_FORMAT_MALFORMED' }),
    ]);
    expect(notifications(damaged$.pipe(decodeRecordIO({ resync: true, onBadRecord: 'fail' })))).toEqual([
      first,
      expect.objectContaining({ name: 'FormatError', byteOffset: 12 }),
    ]);
  });

  it('always fails at a truncated end', () => {
    const cut$ = of(Buffer.from('garbage'), one.subarray(0, -1));
    expect(notifications(cut$.pipe(decodeRecordIO({ resync: true, onBadRecord: skip })))).toEqual([
      expect.objectContaining({ code: 'ERR_FORMAT_TRUNCATED', byteOffset: 7 }),
    ]);
  });

  it('throws at the call if bad records are skipped without it', () => {
    for (const options of [{ onBadRecord: 'skip' }, { maxBadRecords: 1 }] as const) {
      expect(() => decodeRecordIO(options)).toThrow(expect.objectContaining({ path: 'resync' }));
    }
  });
});

describe('parsing with onBadRecord', () => {
  const record = (label: number): Uint8Array => encodeExample({ label: { int64List: [label] } });
  const other = encodeExample({ name: { int64List: [1] } });
  const features = { label: fixedLenFeature([], 'int64') };
  const labels = (...values: bigint[]) => ({ label: ndarray('int64', [values.length], BigInt64Array.from(values)) });

  it('drops a bad record from its batch, and an empty batch', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const batches = { a: [record(1), record(2)], b: [other, record(3)], c: [other, other], d: [record(4)] };
      const source = hot<readonly Uint8Array[]>('-a-b-c-d-|', batches);
      const subscribed = '                       ^--------!';
      const expected = '                         -x-y---z-|';
      expectObservable(source.pipe(parseExample(features, { onBadRecord: skip }))).toBe(expected, {
        x: labels(1n, 2n),
        y: labels(3n),
        z: labels(4n),
      });
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('reports the index of the record in the subscription', () => {
    const told: unknown[] = [];
    const onBadRecord: BadRecordOptions['onBadRecord'] = (error, counts) => {
      told.push([(error as { recordIndex?: number }).recordIndex, counts.bad]);
      return 'skip';
    };
    const records$ = fromIterable([record(0), other, record(2), other, other, record(5)]);
    notifications(records$.pipe(batch(2), parseExample(features, { onBadRecord })));
    expect(told).toEqual([
      [1, 1],
      [3, 2],
      [4, 3],
    ]);
    told.length = 0;
    expect(notifications(records$.pipe(parseSingleExample(features, { onBadRecord })))).toHaveLength(4);
    expect(told).toEqual([
      [1, 1],
      [3, 2],
      [4, 3],
    ]);
  });

  it('fails over the limit, or if the function returns fail', () => {
    const records$ = of(record(0), other, record(2), other, record(4));
    const strict = parseSingleExample(features, { onBadRecord: skip, maxBadRecords: 1 });
    expect(notifications(records$.pipe(strict)).slice(2)).toEqual([
      expect.objectContaining({ cause: expect.objectContaining({ recordIndex: 3 }) }),
    ]);
    const seen = notifications(records$.pipe(batch(5), parseExample(features, { onBadRecord: () => 'fail' })));
    expect(seen).toEqual([expect.objectContaining({ name: 'FormatError', recordIndex: 1 })]);
  });

  it('notifies other errors, for example of the function', () => {
    const onBadRecord = (): never => {
      throw new Error('function');
    };
    expect(notifications(of(other).pipe(parseSingleExample(features, { onBadRecord })))).toEqual([
      new Error('function'),
    ]);
  });

  it('skips lines of CSV, single and in batches, and counts their bytes', () => {
    const told: unknown[] = [];
    const onBadRecord: BadRecordOptions['onBadRecord'] = (error, counts) => {
      told.push([(error as { recordIndex?: number }).recordIndex, counts.bytes]);
      return 'skip';
    };
    const numbers = (...values: number[]) => [ndarray('int32', [values.length], Int32Array.from(values))];
    const lines$ = of('1', '\u00e9', '3', 'x', 'y', 'z', Buffer.from('7'));
    const decoded$ = lines$.pipe(batch(2), decodeCsv(['int32'], { onBadRecord }));
    expect(notifications(decoded$)).toEqual([numbers(1), numbers(3), numbers(7), 'complete']);
    const expected = [
      [1, 2],
      [3, 3],
      [4, 4],
      [5, 5],
    ];
    expect(told.splice(0)).toEqual(expected);
    expect(notifications(lines$.pipe(decodeCsv(['int32'], { onBadRecord }), batch(9)))).toEqual([
      numbers(1, 3, 7),
      'complete',
    ]);
    expect(told).toEqual(expected);
  });

  it('skips SequenceExamples', () => {
    const sound = encodeSequenceExample({ context: { label: { int64List: [5] } }, sequence: {} });
    const clips$ = of(sound, encodeSequenceExample({ context: {}, sequence: {} }), sound);
    const sequenceFeatures = { context: features, sequence: {} };
    const label = { context: { label: ndarray('int64', [], BigInt64Array.of(5n)) }, sequence: {} };
    const seen = notifications(clips$.pipe(parseSequenceExample(sequenceFeatures, { onBadRecord: skip })));
    expect(seen).toEqual([label, label, 'complete']);
    const strict = parseSequenceExample(sequenceFeatures, { onBadRecord: skip, maxBadRecords: 0 });
    expect(notifications(clips$.pipe(strict))).toEqual([
      label,
      expect.objectContaining({ cause: expect.objectContaining({ recordIndex: 1 }) }),
    ]);
  });

  it('skips Records, in a batch also those without its most frequent shape', () => {
    const told: unknown[] = [];
    const onBadRecord: BadRecordOptions['onBadRecord'] = (error, { bad }) => {
      told.push([(error as { recordIndex?: number }).recordIndex, bad]);
      return 'skip';
    };
    const vector = (...values: number[]): Uint8Array =>
      encodeRecordProtobuf({ features: { values: ndarray('float32', [values.length], Float32Array.from(values)) } });
    const tensors = { features: { values: { dtype: 'float32' } } } as const;
    const records$ = of(other, vector(1, 2), vector(3), vector(4, 5), new Uint8Array(0), vector(6));
    const valuesOf = (seen: unknown[]): unknown[] =>
      seen.map((item) => (item as { features?: { values: unknown } }).features?.values ?? item);
    const batches$ = records$.pipe(batch(4), parseRecordProtobuf(tensors, { onBadRecord }));
    expect(valuesOf(notifications(batches$))).toEqual([
      ndarray('float32', [2, 2], Float32Array.of(1, 2, 4, 5)),
      ndarray('float32', [1, 1], Float32Array.of(6)),
      'complete',
    ]);
    expect(told).toEqual([
      [0, 1],
      [2, 2],
      [4, 3],
    ]);
    const single$ = records$.pipe(parseRecordProtobuf(tensors, { onBadRecord: skip }));
    expect(notifications(single$)).toHaveLength(5);
  });

  describe('of Records without a declared shape', () => {
    const vector = (length: number): Uint8Array =>
      encodeRecordProtobuf({ features: { v: ndarray('float32', [length], new Float32Array(length)) } });
    const skipping = (lengths: readonly number[], tensor: RecordTensor): unknown[] =>
      notifications(
        from(lengths.map(vector)).pipe(
          batch(4),
          parseRecordProtobuf({ features: { v: tensor } }, { onBadRecord: skip }),
          map(({ features }) => features.v.shape),
        ),
      );

    it('keeps the most frequent shape of each batch, not that of the first record', () => {
      expect(skipping([3, 2, 2, 2], { dtype: 'float32' })).toEqual([[3, 2], 'complete']);
      expect(skipping([3, 2, 2, 2, 3, 3, 3, 3], { dtype: 'float32' })).toEqual([[3, 2], [4, 3], 'complete']);
    });

    it('fails if no shape is the most frequent', () => {
      const [error] = skipping([3, 2, 3, 2], { dtype: 'float32' });
      expect(error).toBeInstanceOf(ShapeError);
      expect(error).toMatchObject({ path: 'features.v', expected: [3], found: [2] });
      expect(String(error)).toContain('Declare the shape, for example shape: [3]');
    });

    it('keeps the declared shape, although it is rare', () => {
      expect(skipping([3, 2, 2, 2], { dtype: 'float32', shape: [3] })).toEqual([[1, 3], 'complete']);
    });
  });

  it('always fails for a batch instead of a record, or a record instead of a batch', () => {
    const options = { onBadRecord: skip };
    const batched = of([record(1)] as unknown as Uint8Array).pipe(parseSingleExample(features, options));
    const alone = of(record(1) as unknown as Uint8Array[]).pipe(parseExample(features, options));
    for (const [source, message] of [
      [batched, /parseSingleExample: expected single records, found a batch/],
      [alone, /parseExample: expected batches of records.*put batch\(\) before parseExample/],
    ] as const) {
      expect(notifications(source as Observable<unknown>)).toEqual([
        expect.objectContaining({ code: 'ERR_VALUE', message: expect.stringMatching(message) }),
      ]);
    }
  });

  it('throws at the call for bad options', () => {
    expect(() => parseExample(features, { maxBadRecords: 0.5 })).toThrow(/maxBadRecords/);
    expect(() => parseSingleExample(features, { onBadRecord: 1 as never })).toThrow(/onBadRecord/);
    expect(() => decodeCsv(['int32'], { maxBadRecords: -1 })).toThrow(/maxBadRecords/);
    expect(() => parseRecordProtobuf({ features: {} }, { onBadRecord: 1 as never })).toThrow(/onBadRecord/);
    expect(() => parseSequenceExample({ context: features, sequence: {} }, { other: 1 } as never)).toThrow(/other/);
  });
});
