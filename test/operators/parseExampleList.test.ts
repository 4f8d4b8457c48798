import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { parseExampleList } from '../../operators/parseExampleList.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { encodeExample } from '../../src/formats/example/encodeExample.js';
import { fixedLenFeature } from '../../src/formats/example/features.js';
import { field } from '../formats/support/wire.js';

const query = (id: number, labels: readonly number[]) =>
  Uint8Array.from([
    ...labels.flatMap((label) => field(1, encodeExample({ label: { int64List: [label] } }))),
    ...field(2, encodeExample({ id: { int64List: [id] } })),
  ]);
const features = {
  context: { id: fixedLenFeature([], 'int64') },
  examples: { label: fixedLenFeature([], 'int64', { default: -1 }) },
};

describe('parseExampleList', () => {
  it('parses record by record', async () => {
    const parsed$: Observable<{ readonly examples: { readonly label: NDArray<'int64'> } }> = of(query(7, [1, 2])).pipe(
      parseExampleList(features),
    );
    expect(await lastValueFrom(parsed$)).toEqual({
      context: { id: ndarray('int64', [], BigInt64Array.of(7n)) },
      examples: { label: ndarray('int64', [2], BigInt64Array.of(1n, 2n)) },
      sizes: ndarray('int64', [], BigInt64Array.of(2n)),
    });
  });

  it('parses batches, and skips bad records', async () => {
    const parsed$: Observable<{ readonly sizes: NDArray<'int64'> }> = of(
      query(7, [1]),
      Uint8Array.of(255),
      query(8, [2, 3]),
    ).pipe(batch(3), parseExampleList({ ...features, listSize: 3 }, { onBadRecord: 'skip' }));
    expect(await lastValueFrom(parsed$)).toEqual({
      context: { id: ndarray('int64', [2], BigInt64Array.of(7n, 8n)) },
      examples: { label: ndarray('int64', [2, 3], BigInt64Array.of(1n, -1n, -1n, 2n, 3n, -1n)) },
      sizes: ndarray('int64', [2], BigInt64Array.of(1n, 2n)),
    });
  });

  it('counts the records of each subscription', async () => {
    const parsed$ = of(query(1, []), Uint8Array.of(255)).pipe(parseExampleList(features));
    for (let i = 0; i < 2; i++) {
      await expect(lastValueFrom(parsed$)).rejects.toMatchObject({ name: 'FormatError', recordIndex: 1 });
    }
  });

  it('throws at the call for invalid features', () => {
    expect(() => parseExampleList({ context: {}, examples: {} })).toThrow('parseExampleList: expected at least one');
  });
});
