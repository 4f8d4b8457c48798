import { concat, lastValueFrom, map, of, throwError, type Observable } from 'rxjs';
import { batch } from '../../../operators/batch.js';
import { FormatError } from '../../../src/base/errors.js';
import { placeErrors, prefixMessage } from '../../../src/pipeline/declared/placeErrors.js';
import { fromIterable } from '../../../src/sources/fromIterable.js';
import { consumeByHand } from '../../../src/testing/consumeByHand.js';

const errorOf = (source: Observable<unknown>): Promise<Error> =>
  lastValueFrom(source).then(
    () => new Error('no error'),
    (error: unknown) => error as Error,
  );
const failing = (message: string) =>
  map((): number => {
    throw new Error(message);
  });

describe('placeErrors', () => {
  it('prefixes errors of the stage with the place, and keeps class and fields', async () => {
    const at = { kind: 'malformed', format: 'CSV', byteOffset: 4, recordIndex: 2 } as const;
    const error = new FormatError('it is wrong', at);
    expect(
      await errorOf(
        placeErrors(
          throwError(() => error),
          'stages[1]',
        ),
      ),
    ).toBe(error);
    expect(error).toMatchObject({ ...at, message: 'stages[1]: CSV: it is wrong (record 2, byte offset 4)' });
  });

  it('names only the first place that an error passes', async () => {
    const first = placeErrors(of(1).pipe(failing('inner')), 'stages[0]');
    expect((await errorOf(placeErrors(first, 'stages[1]'))).message).toBe('stages[0]: inner');
    const second = placeErrors(of(1), 'stages[0]').pipe(failing('outer'));
    expect((await errorOf(placeErrors(second, 'stages[1]'))).message).toBe('stages[1]: outer');
    // A stage may pass its subscriber on to its source.
    expect(
      (
        await errorOf(
          placeErrors(
            placeErrors(
              throwError(() => new Error('x')),
              'a',
            ),
            'b',
          ),
        )
      ).message,
    ).toBe('a: x');
  });

  it('does not change errors from above the first stage or below the last', async () => {
    const source = placeErrors(throwError(() => new Error('of the source')));
    expect((await errorOf(placeErrors(source, 'stages[0]'))).message).toBe('of the source');
    expect((await errorOf(placeErrors(of(1), 'stages[0]').pipe(failing('below')))).message).toBe('below');
  });

  it('does not change values that are not errors, or errors with a read-only message', async () => {
    expect(
      await errorOf(
        placeErrors(
          throwError(() => 'text'),
          'stages[0]',
        ),
      ),
    ).toBe('text');
    const reason = AbortSignal.abort().reason as Error;
    expect(
      await errorOf(
        placeErrors(
          throwError(() => reason),
          'stages[0]',
        ),
      ),
    ).toBe(reason);
  });

  it('keeps demand: the gate below is found through it', () => {
    let pulled = 0;
    const items = (function* () {
      for (; pulled < 100; pulled++) yield pulled;
    })();
    const placed$ = placeErrors(placeErrors(fromIterable(items)).pipe(batch(2)), 'stages[0]');
    const consumer = consumeByHand(placed$, { onItem: (_item, gate) => gate.close(), isOpen: true });
    expect(consumer.items).toHaveLength(1);
    expect(pulled).toBeLessThan(6);
  });

  it('passes items and the end on', async () => {
    expect(await lastValueFrom(placeErrors(concat(of(1), of(2)), 'a'))).toBe(2);
  });
});

describe('prefixMessage', () => {
  it('does not repeat a place that the message begins with', () => {
    const error = new Error('job.json is not JSON');
    prefixMessage(error, 'job.json');
    expect(error.message).toBe('job.json is not JSON');
  });
});
