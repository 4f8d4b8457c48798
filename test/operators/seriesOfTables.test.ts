import { describe, expect, it } from '@jest/globals';
import { map, type OperatorFunction } from 'rxjs';
import { batch } from '../../operators/batch.js';
import { decodeTable } from '../../operators/decodeTable.js';
import { timeSeries } from '../../operators/timeSeries.js';
import { unbatch } from '../../operators/unbatch.js';
import { window } from '../../operators/window.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { notifications } from '../support/notifications.js';

const CSV = `a,b\n${Array.from({ length: 12 }, (_, index) => `${index},${index}.5\n`).join('')}`;

const rows = <R>(operator: OperatorFunction<Uint8Array, R>) => fromIterable([Buffer.from(CSV)]).pipe(operator);
const table$ = rows(decodeTable({ batchSize: 4, columns: { a: 'float32' } }));
const ofTable = (caller: string, place: string) => [
  expect.objectContaining({
    name: 'ValueError',
    message: `${caller}: expected single items, found ${place} that decodeTable() has made. Add unbatch() before ${caller}().`,
  }),
];

describe('timeSeries and window after decodeTable', () => {
  it('fail if unbatch is missing, and name it', () => {
    expect(notifications(table$.pipe(timeSeries({ length: 2, inputs: ['a'] })))).toEqual(
      ofTable('timeSeries', 'the feature a of a batch'),
    );
    expect(notifications(table$.pipe(timeSeries({ length: 2 })))).toEqual(ofTable('timeSeries', 'a batch'));
    expect(notifications(table$.pipe(window(2)))).toEqual(ofTable('window', 'a batch'));
  });

  it('fail also if a map has made new objects of the columns', () => {
    const renamed$ = table$.pipe(map(({ a }) => ({ c: a })));
    expect(notifications(renamed$.pipe(timeSeries({ length: 2, inputs: ['c'] })))).toEqual(
      ofTable('timeSeries', 'the feature c of a batch'),
    );
    expect(notifications(renamed$.pipe(window(2)))).toEqual(ofTable('window', 'a batch'));
  });

  it('make windows of the rows after unbatch', () => {
    const series = notifications(table$.pipe(unbatch(), timeSeries({ length: 2, inputs: ['a'], targets: ['a'] })));
    expect(series).toHaveLength(11);
    expect(series[3]).toMatchObject({ xs: { shape: [2, 1], data: Float32Array.of(3, 4) }, ys: { shape: [1] } });
    expect(notifications(table$.pipe(unbatch(), window(3)))).toHaveLength(5);
  });

  it('allow windows of batches, as tf.data does, but no series of batches', () => {
    const batches$ = table$.pipe(unbatch(), batch(2));
    expect(notifications(batches$.pipe(window(3)))[0]).toMatchObject({ a: { shape: [3, 2] } });
    expect(notifications(batches$.pipe(timeSeries({ length: 2 })))).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('Put timeSeries() before batch(), or add unbatch() before timeSeries().'),
      }),
    ]);
  });

  it('name the remedy for columns inside xs', () => {
    const labelled$ = rows(decodeTable({ batchSize: 4, label: 'b' })).pipe(unbatch());
    const message =
      'timeSeries: the item has no feature "a". It has the features "xs", "ys". The feature "a" is inside xs: move it out ' +
      'with map((item) => ({ ...item, ...item.xs })). If xs comes from the option label of a decoder, you can also remove label.';
    expect(notifications(labelled$.pipe(timeSeries({ length: 2, inputs: ['a'] })))).toEqual([
      expect.objectContaining({ name: 'ValueError', message }),
    ]);
  });
});
