import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { parseSequenceExample } from '../../operators/parseSequenceExample.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { encodeSequenceExample } from '../../src/formats/example/encodeSequenceExample.js';
import { fixedLenFeature, fixedLenSequenceFeature } from '../../src/formats/example/features.js';

const record = encodeSequenceExample({
  context: { label: { int64List: [1] } },
  sequence: { tokens: [{ int64List: [5] }, { int64List: [6] }] },
});
const features = {
  context: { label: fixedLenFeature([], 'int64') },
  sequence: { tokens: fixedLenSequenceFeature([], 'int64') },
};

describe('parseSequenceExample', () => {
  it('parses record by record, with the steps as the first dimension', async () => {
    const parsed$: Observable<{
      readonly context: { label: NDArray<'int64'> };
      readonly sequence: { readonly tokens: NDArray<'int64'> };
    }> = of(record).pipe(parseSequenceExample(features));
    expect(await lastValueFrom(parsed$)).toEqual({
      context: { label: ndarray('int64', [], BigInt64Array.of(1n)) },
      sequence: { tokens: ndarray('int64', [2], BigInt64Array.of(5n, 6n)) },
    });
  });

  it('parses batches, with the records as the first dimension', async () => {
    const longer = encodeSequenceExample({
      context: { label: { int64List: [2] } },
      sequence: { tokens: [7, 8, 9].map((token) => ({ int64List: [token] })) },
    });
    const parsed$: Observable<{
      readonly context: { label: NDArray<'int64'> };
      readonly sequence: { readonly tokens: NDArray<'int64'> };
      readonly lengths: { readonly tokens: NDArray<'int64'> };
    }> = of(record, new Uint8Array(0), longer).pipe(batch(3), parseSequenceExample(features, { onBadRecord: 'skip' }));
    expect(await lastValueFrom(parsed$)).toEqual({
      context: { label: ndarray('int64', [2], BigInt64Array.of(1n, 2n)) },
      sequence: { tokens: ndarray('int64', [2, 3], BigInt64Array.of(5n, 6n, 0n, 7n, 8n, 9n)) },
      lengths: { tokens: ndarray('int64', [2], BigInt64Array.of(2n, 3n)) },
    });
  });

  it('counts the records of each subscription', async () => {
    const parsed$ = of(record, new Uint8Array(0)).pipe(parseSequenceExample(features));
    for (let i = 0; i < 2; i++) {
      await expect(lastValueFrom(parsed$)).rejects.toMatchObject({ name: 'FormatError', recordIndex: 1 });
    }
  });

  it('throws at the call without features, as TensorFlow does', () => {
    expect(() => parseSequenceExample({ context: {}, sequence: {} })).toThrow(
      'parseSequenceExample: expected at least one feature, found none',
    );
  });

  it('throws at the call for invalid features', () => {
    const wrong = { context: {}, sequence: { x: { kind: 'varLen', dtype: 'int8' as 'int64' } } } as const;
    expect(() => parseSequenceExample(wrong)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', path: 'sequence.x.dtype' }),
    );
    const asInTensorFlow = () =>
      parseSequenceExample({ label: { kind: 'varLen', dtype: 'int64' } } as never, { x: {} } as never);
    for (const name of ['context', 'sequence']) {
      const features = { context: {}, sequence: {}, [name]: undefined };
      expect(() => parseSequenceExample(features as never)).toThrow(
        `parseSequenceExample: ${name}: expected an object of features by name, found nothing: if the records have no such features, set ${name}: {}`,
      );
    }
    expect(asInTensorFlow).toThrow('context: expected an object of features by name, found nothing');
  });
});
