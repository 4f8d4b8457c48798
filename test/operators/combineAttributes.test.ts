import { describe, expect, it } from '@jest/globals';
import { concat, of, throwError, type Observable } from 'rxjs';
import { combineAttributes } from '../../operators/combineAttributes.js';
import { fromIterable } from '../../src/sources/fromIterable.js';
import { consumeByHand } from '../../src/testing/consumeByHand.js';
import { countedNumbers } from '../support/countedNumbers.js';
import { marbles } from '../support/marbles.js';
import { notifications } from '../support/notifications.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('combineAttributes', () => {
  it('emits records by name when the last attribute of a line has arrived', () => {
    const [a, b, c, d] = ['pixels', '1', 'more', '2'].map(bytes);
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot<Uint8Array>('-a-b-c-d-|', { a: a!, b: b!, c: c!, d: d! });
      const subscribed = '            ^--------!';
      const expected = '              ---x---y-|';
      const combined: Observable<{ 'image-ref': Uint8Array; label: Uint8Array }> = source.pipe(
        combineAttributes(['image-ref', 'label']),
      );
      expectObservable(combined).toBe(expected, {
        x: { 'image-ref': a, label: b },
        y: { 'image-ref': c, label: d },
      });
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('emits tuples for a number', () => {
    const combined: Observable<[Uint8Array, Uint8Array]> = fromIterable(['a', 'b', 'c', 'd'].map(bytes)).pipe(
      combineAttributes(2),
    );
    expect(notifications(combined)).toEqual([[bytes('a'), bytes('b')], [bytes('c'), bytes('d')], 'complete']);
  });

  it('decodes text and JSON on request, and does not copy bytes', () => {
    const image = Uint8Array.of(0xff, 0xd8);
    const combined: Observable<{ 'image-ref': Uint8Array; label: unknown; note: string }> = of(
      image,
      bytes('{"class":[3]}'),
      bytes('\ufeffgrün'),
    ).pipe(combineAttributes({ 'image-ref': 'bytes', label: 'json', note: 'text' }));
    const [line] = notifications(combined) as [{ 'image-ref': Uint8Array }];
    expect(line).toEqual({ 'image-ref': image, label: { class: [3] }, note: '\ufeffgrün' });
    expect(line['image-ref']).toBe(image);
  });

  it('names the attribute before which the channel ends', () => {
    const cut = fromIterable(['aa', 'bb', 'cc'].map(bytes));
    expect(notifications(cut.pipe(combineAttributes(['image-ref', 'label'])))).toEqual([
      { 'image-ref': bytes('aa'), label: bytes('bb') },
      expect.objectContaining({
        code: 'ERR_FORMAT_TRUNCATED',
        recordIndex: 1,
        byteOffset: 4,
        message: expect.stringContaining('before attribute "label": the last line has only 1 of 2 records'),
      }),
    ]);
    expect(notifications(cut.pipe(combineAttributes(2))).at(-1)).toMatchObject({
      message: expect.stringContaining('before attribute 1:'),
    });
  });

  it.each([
    ['json', '{"class":', 'attribute "label" is not JSON'],
    ['json', '', 'attribute "label" is not JSON'],
    ['text', '\xff', 'attribute "label" is not UTF-8 text'],
  ] as const)('names the attribute that is not the %s it should be: %j', (kind, text, message) => {
    const line = of(bytes('x'), Buffer.from(text, 'latin1'));
    const [error] = notifications(line.pipe(combineAttributes({ id: 'text', label: kind })));
    expect(error).toMatchObject({
      code: 'ERR_FORMAT_MALFORMED',
      recordIndex: 0,
      message: expect.stringContaining(message),
      cause: expect.objectContaining({ message: expect.any(String) }),
    });
  });

  it('forwards the error of its source in the middle of a line', () => {
    const failing = concat(
      of(bytes('a')),
      throwError(() => 'source'),
    );
    expect(notifications(failing.pipe(combineAttributes(2)))).toEqual(['source']);
  });

  it('requests the records of one line if one line is wanted', () => {
    const { numbers, made } = countedNumbers(9);
    const records = (function* () {
      for (const number of numbers) yield Uint8Array.of(number);
    })();
    const consumer = consumeByHand(fromIterable(records).pipe(combineAttributes(3)), {
      onItem: (_line, gate) => gate.close(),
    });
    consumer.gate.open();
    expect([consumer.items.length, made()]).toEqual([1, 3]);
  });

  it('keeps a name that is special to JavaScript', () => {
    const [line] = notifications(of(bytes('a')).pipe(combineAttributes(['__proto__'])));
    expect(Object.entries(line as object)).toEqual([['__proto__', bytes('a')]]);
  });

  it('throws at the call for invalid attributes', () => {
    const message = (attributes: unknown): string => {
      try {
        combineAttributes(attributes as number);
      } catch (error) {
        return String(error);
      }
      return 'nothing';
    };
    for (const attributes of [0, 1.5, [], ['a', 'a'], [''], {}, { a: 'xml' }, undefined]) {
      expect(message(attributes)).toMatch(/^ConfigError: combineAttributes/);
    }
    expect(message({ label: 'json', 2: 'bytes' })).toContain('expected names that are not integers');
  });
});
