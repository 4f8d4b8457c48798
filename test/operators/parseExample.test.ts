import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, map, of, toArray, type Observable } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { parseExample } from '../../operators/parseExample.js';
import { parseSingleExample } from '../../operators/parseSingleExample.js';
import { ndarray, type NDArray } from '../../src/arrays/ndarray.js';
import { encodeExample } from '../../src/formats/example/encodeExample.js';
import { fixedLenFeature } from '../../src/formats/example/features.js';

const record = (label: number): Uint8Array => encodeExample({ label: { int64List: [label] } });
const other = encodeExample({ name: { int64List: [1] } });
const features = { label: fixedLenFeature([], 'int64') };

describe('parseExample', () => {
  it('parses batches, with the records as the first dimension', async () => {
    const parsed$: Observable<{ label: NDArray<'int64'> }> = of(1, 2, 3).pipe(
      map(record),
      batch(2),
      parseExample(features),
    );
    expect(await lastValueFrom(parsed$.pipe(toArray()))).toEqual([
      { label: ndarray('int64', [2], BigInt64Array.of(1n, 2n)) },
      { label: ndarray('int64', [1], BigInt64Array.of(3n)) },
    ]);
  });

  it('names the feature, and counts records over the whole subscription', () => {
    const errors: unknown[] = [];
    of([record(1), record(2)], [record(3), other])
      .pipe(parseExample(features))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([expect.objectContaining({ name: 'FormatError', format: 'Example', recordIndex: 3 })]);
    expect(String(errors[0])).toContain('label');
  });

  it('counts from 0 for each subscription', () => {
    const parsed = of([record(1), other]).pipe(parseExample(features));
    for (let i = 0; i < 2; i++) {
      parsed.subscribe({ error: (error: unknown) => expect(error).toMatchObject({ recordIndex: 1 }) });
    }
    expect.assertions(2);
  });

  it('throws at the call without features, as TensorFlow does', () => {
    expect(() => parseExample({})).toThrow('parseExample: expected at least one feature, found none');
  });

  it('throws at the call for invalid features', () => {
    const wrong = { label: { kind: 'fixedLen', shape: [-1], dtype: 'int64' } } as const;
    expect(() => parseExample(wrong)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG', path: 'label.shape[0]' }));
    expect(() => parseSingleExample(wrong)).toThrow(expect.objectContaining({ path: 'label.shape[0]' }));
  });
});

describe('parseSingleExample', () => {
  it('parses record by record, and counts them', async () => {
    const parsed$: Observable<{ label: NDArray<'int64'> }> = of(record(7)).pipe(parseSingleExample(features));
    expect(await lastValueFrom(parsed$)).toEqual({ label: ndarray('int64', [], BigInt64Array.of(7n)) });
    await expect(lastValueFrom(of(record(1), other).pipe(parseSingleExample(features)))).rejects.toMatchObject({
      recordIndex: 1,
    });
  });
});
