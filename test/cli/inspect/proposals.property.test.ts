import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lastValueFrom, of, toArray } from 'rxjs';
import { decodeJson } from '../../../operators/decodeJson.js';
import { shortestFloat32 } from '../../../src/cli/inspect/describeValue.js';
import { LineContent } from '../../../src/cli/inspect/lineContent.js';
import { RecordContent } from '../../../src/cli/inspect/recordContent.js';
import { ndarray } from '../../../src/arrays/ndarray.js';
import { encodeExample } from '../../../src/formats/example/encodeExample.js';
import { encodeRecordProtobuf } from '../../../src/formats/recordProtobuf/encodeRecordProtobuf.js';
import { encodeSequenceExample } from '../../../src/formats/example/encodeSequenceExample.js';
import { createExampleParser } from '../../../src/formats/example/exampleParser.js';
import type { Features } from '../../../src/formats/example/features.js';
import {
  createRecordProtobufParser,
  type RecordTensors,
} from '../../../src/formats/recordProtobuf/recordProtobufParser.js';
import { createSequenceExampleParser } from '../../../src/formats/example/sequenceExampleParser.js';
import type { SequenceFeatures } from '../../../src/formats/example/parsedSequences.js';
import { tableOptionsSchema, type TableColumns } from '../../../src/formats/table/tableOptions.js';
import { TableReader } from '../../../src/formats/table/tableReader.js';
import { inspected, linesOf } from './inspected.js';

const list = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 3 })
      .map((int64List) => ({ int64List })),
  },
  { weight: 4, arbitrary: fc.array(fc.float(), { maxLength: 3 }).map((floatList) => ({ floatList })) },
  {
    weight: 2,
    arbitrary: fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 2 }).map((bytesList) => ({ bytesList })),
  },
);
const name = fc.constantFrom('a', 'label', 'größe', 'x/y z');
const features = fc.dictionary(name, list, { maxKeys: 4 });
/** A record that identifies the type: it has a feature with a name and a kind. */
const NAMED = { sure: { int64List: [1n] } };

describe('the proposal of inspect', () => {
  it('parses the Examples that it was made from', () => {
    fc.assert(
      fc.property(fc.array(features, { minLength: 1, maxLength: 6 }), (rows) => {
        const records = rows.map((row) => encodeExample({ ...row, ...NAMED }));
        const result = inspected(new RecordContent(), records);
        expect(result.decoder).toBe('parseExample');
        const parsed = createExampleParser(result.features as Features).parseBatch(records);
        expect(Object.keys(parsed)).toContain('sure');
      }),
    );
  });

  it('parses the SequenceExamples that it was made from', () => {
    const sequences = fc.dictionary(name, fc.array(list, { maxLength: 3 }), { maxKeys: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(features, sequences), { minLength: 1, maxLength: 6 }), (rows) => {
        const records = rows.map(([context, sequence]) => {
          return encodeSequenceExample({ context, sequence: { ...sequence, steps: [NAMED.sure] } });
        });
        const result = inspected(new RecordContent(), records);
        expect(result.decoder).toBe('parseSequenceExample');
        const parser = createSequenceExampleParser(result.features as SequenceFeatures);
        for (const record of records) expect(parser.parseSingle(record).sequence).toHaveProperty('steps');
      }),
    );
  });

  it('parses the Records that it was made from, in batches if it is batchable', () => {
    const dense = fc
      .array(fc.double(), { maxLength: 4 })
      .map((values) => ndarray('float64', [values.length], Float64Array.from(values)));
    const sparse = fc.tuple(fc.uniqueArray(fc.nat(8)), fc.integer({ min: 9, max: 11 })).map(([keys, size]) => ({
      indices: ndarray('int64', [keys.length, 1], BigInt64Array.from(keys, BigInt)),
      values: ndarray('float32', [keys.length], Float32Array.from(keys)),
      denseShape: [size],
    }));
    const tensors = fc.dictionary(name, fc.oneof(dense, sparse), { maxKeys: 3 });
    fc.assert(
      fc.property(fc.array(tensors, { minLength: 1, maxLength: 4 }), (rows) => {
        const label = { values: ndarray('int32', [1], Int32Array.of(7)) };
        const records = rows.map((row) => encodeRecordProtobuf({ features: row, label }));
        const result = inspected(new RecordContent(), records);
        expect(result.decoder).toBe('parseRecordProtobuf');
        const parser = createRecordProtobufParser(result.features as RecordTensors);
        const batches = result.isBatchable ? [records] : records.map((record) => [record]);
        for (const batch of batches) expect(parser.parseBatch(batch).label['values']?.data[0]).toBe(7);
      }),
    );
  });

  it('parses the JSON lines that it was made from, in batches and one by one', async () => {
    const key = fc.constantFrom('a', 'b', 'a.b', 'größe', '__proto__');
    const value = fc.jsonValue({ maxDepth: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.dictionary(key, value, { maxKeys: 4 }), { minLength: 1 }), async (rows) => {
        const lines = rows.map((row) => Buffer.from(JSON.stringify({ ...row, sure: 1 })));
        const { decoder, features } = inspected(new LineContent(), lines);
        expect(decoder).toBe('decodeJson');
        const decode = decodeJson(features as { features: Features });
        const [batched, ...singles] = await lastValueFrom(of(lines, ...lines).pipe(decode, toArray()));
        expect(batched?.['sure']).toMatchObject({ shape: [lines.length] });
        expect(singles.map((single) => single['sure'])).toEqual(
          lines.map(() => expect.objectContaining({ shape: [] })),
        );
      }),
    );
  });

  const cell = fc.oneof(
    fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }).map(String),
    fc.integer({ min: 0, max: 2 ** 27 }).map(String),
    fc.double({ noNaN: true }).map(String),
    fc.constantFrom('', 'text', ' 5 ', 'NaN', '-inf', '1e5', '.', '5.', '-', '+', '"a, ""b"""', '"7"'),
  );
  const table = fc.record({
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    rows: fc.integer({ min: 2, max: 4 }).chain((width) => {
      return fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 2, maxLength: 8 });
    }),
  });

  it('parses the CSV lines that it was made from, without changing a number', () => {
    fc.assert(
      fc.property(table, ({ delimiter, rows }) => {
        const lines = rows.map((row) => row.join(delimiter));
        const { decoder, features, options, header } = inspected(new LineContent(), linesOf(lines.join('\n')));
        fc.pre(decoder === 'decodeTable' && (options?.['delimiter'] ?? ',') === delimiter);
        const columns = features as TableColumns;
        const reader = new TableReader(tableOptionsSchema().parse({ ...options, batchSize: 10, columns }), new Map());
        reader.push(Buffer.from(lines.join('\n')));
        const parsed = reader.read() ?? reader.end();
        const names = header ?? (options?.['columnNames'] as string[]);
        const data = header ? rows.slice(1) : rows;
        fc.pre(names.length === rows[0]?.length);
        for (const [column, name] of names.entries()) {
          const { dtype, data: values } = parsed![name]!;
          expect(values).toHaveLength(data.length);
          for (const [row, cells] of data.entries()) {
            const text = cells[column] ?? '';
            if (dtype !== 'bytes' && /^-?\d+$/.test(text))
              expect(BigInt(values[row] as bigint | number)).toBe(BigInt(text));
            // The shortest text of a number shows whether the dtype preserves it.
            else if (values instanceof Float32Array && Number.isFinite(Number(text || '.')))
              expect(Number(shortestFloat32(values[row]!))).toBe(Number(text));
          }
        }
      }),
    );
  });
});
