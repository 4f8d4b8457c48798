import { of, throwError } from 'rxjs';
import { ValueError } from '../../../src/base/errors.js';
import { ndarray } from '../../../src/arrays/ndarray.js';
import type { Structure } from '../../../src/arrays/requireFeature.js';
import { updateFeature } from '../../../src/pipeline/declared/updateFeature.js';
import { selectFeatures } from '../../../src/pipeline/declared/selectFeatures.js';
import { notifications } from '../../support/notifications.js';
import { marbles } from '../../support/marbles.js';

describe('selectFeatures', () => {
  it('renames features, and can repeat one under several names', () => {
    marbles(({ cold, expectObservable }) => {
      const items = cold('a-|', { a: { image: 1, label: 2, rest: 3 } });
      expectObservable(items.pipe(selectFeatures({ xs: 'image', ys: 'label', again: 'label' }))).toBe('a-|', {
        a: { xs: 1, ys: 2, again: 2 },
      });
    });
  });

  it.each(['lable', 'constructor', '__proto__', 'toString'])(
    'notifies a ValueError where an item has no %s',
    (from) => {
      let failure: unknown;
      of({ image: 1, label: 2 })
        .pipe(selectFeatures({ xs: 'image', ys: from }))
        .subscribe({ error: (error: unknown) => (failure = error) });
      expect(failure).toBeInstanceOf(ValueError);
      expect(failure).toMatchObject({
        path: from,
        message: `select: the item has no feature "${from}". It has the features "image", "label".`,
      });
    },
  );

  const column = ndarray('float32', [], Float32Array.of(1));
  const stages = {
    select: (name: string) => selectFeatures({ xs: name }),
    scale: (name: string) => updateFeature('scale', name, (array) => array),
  };

  it.each(['select', 'scale'] as const)('reads the columns of a tuple, but not its length: %s', (stage) => {
    const columns = [column, column] as unknown as Structure;
    const name = stage === 'select' ? 'xs' : '0';
    expect(notifications(of(columns).pipe(stages[stage]('0')))[0]).toMatchObject({ [name]: column });
    expect(notifications(of(columns).pipe(stages[stage]('length')))).toEqual([
      expect.objectContaining({
        path: 'length',
        message: `${stage}: the item has no feature "length". It has the features "0", "1".`,
      }),
    ]);
  });

  it.each(['select', 'scale'] as const)('says that records must be decoded: %s', (stage) => {
    const message = `${stage}: expected an item with features, found a Buffer of length 2. Decode the records`;
    const records = of(Buffer.from('1,') as unknown as Structure);
    expect(notifications(records.pipe(stages[stage]('0')))).toEqual([
      expect.objectContaining({ name: 'ValueError', message: expect.stringContaining(message) }),
    ]);
    const image = of(column as unknown as Structure);
    expect(notifications(image.pipe(stages[stage]('data')))).toEqual([
      expect.objectContaining({ message: `${stage}: expected an item with features, found an NDArray.` }),
    ]);
  });

  it('passes an error on', () => {
    const error = new Error('of the source');
    let failure: unknown;
    throwError(() => error)
      .pipe(selectFeatures({}))
      .subscribe({ error: (each: unknown) => (failure = each) });
    expect(failure).toBe(error);
  });
});
