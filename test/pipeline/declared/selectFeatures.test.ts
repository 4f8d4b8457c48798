import { of, throwError } from 'rxjs';
import { ValueError } from '../../../src/base/errors.js';
import { selectFeatures } from '../../../src/pipeline/declared/selectFeatures.js';
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
      expect(failure).toMatchObject({ path: from, message: `select: there is no "${from}" among image, label.` });
    },
  );

  it('passes an error on', () => {
    const error = new Error('of the source');
    let failure: unknown;
    throwError(() => error)
      .pipe(selectFeatures({}))
      .subscribe({ error: (each: unknown) => (failure = each) });
    expect(failure).toBe(error);
  });
});
