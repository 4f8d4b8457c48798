import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { decodeRecordIO } from '../../operators/decodeRecordIO.js';
import { parseRecordProtobuf } from '../../operators/parseRecordProtobuf.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { encodeRecordIO } from '../../src/formats/recordio/encodeRecordIO.js';
import { encodeRecordProtobuf } from '../../src/formats/recordProtobuf/encodeRecordProtobuf.js';

const record = (...values: number[]) =>
  encodeRecordProtobuf({ features: { values: ndarray('float32', [values.length], Float32Array.from(values)) } });
const tensors = { features: { values: { dtype: 'float32' } } } as const;

describe('parseRecordProtobuf', () => {
  it('parses batches of RecordIO records', async () => {
    const source = of(Buffer.concat([record(1, 2), record(3, 4)].map((payload) => encodeRecordIO(payload))));
    const parsed$: Observable<{ readonly features: { readonly values: NDArray<'float32'> } }> = source.pipe(
      decodeRecordIO(),
      batch(2),
      parseRecordProtobuf(tensors),
    );
    const { features } = await lastValueFrom(parsed$);
    expect(features.values).toEqual(ndarray('float32', [2, 2], Float32Array.of(1, 2, 3, 4)));
  });

  it('parses records one by one, which batch stacks', async () => {
    const { features } = await lastValueFrom(of(record(1), record(2)).pipe(parseRecordProtobuf(tensors), batch(2)));
    expect(features.values).toEqual(ndarray('float32', [2, 1], Float32Array.of(1, 2)));
  });

  it('counts the records of each subscription, alone and in batches', async () => {
    const empty = new Uint8Array(0);
    for (const source of [of(record(1), record(2), empty), of([record(1), record(2)], [empty])]) {
      const parsed$ = (source as Observable<Uint8Array | Uint8Array[]>).pipe(parseRecordProtobuf(tensors));
      for (let i = 0; i < 2; i++) {
        await expect(lastValueFrom(parsed$)).rejects.toMatchObject({ format: 'Record protobuf', recordIndex: 2 });
      }
    }
  });

  it('throws at the call for invalid tensors', () => {
    expect(() => parseRecordProtobuf({ features: { x: { dtype: 'int64' as 'int32' } } })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', path: 'features.x.dtype' }),
    );
  });
});
