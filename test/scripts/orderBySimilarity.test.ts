import { orderBySimilarity } from '../../scripts/orderBySimilarity.js';

const about = (topic: string): string => `A long text about ${topic}, and again ${topic}, in the words of ${topic}. `.repeat(3);

describe('orderBySimilarity', () => {
  it('begins with the text that is most similar to the one before', () => {
    expect(orderBySimilarity([about('the one'), about('some other')], about('some other'))).toEqual([1, 0]);
  });

  it('puts similar texts after each other', () => {
    const texts = ['one thing', '2 + 3 = 5', 'one thing too', '2 + 3 = 5 + 0'].map((text) => `${text} `.repeat(100));
    expect(orderBySimilarity(texts, texts[0]!)).toEqual([0, 2, 1, 3]);
  });

  it('returns each index once', () => {
    expect(orderBySimilarity(['', 'a', 'a', ''], '').toSorted()).toEqual([0, 1, 2, 3]);
    expect(orderBySimilarity([], 'a')).toEqual([]);
  });
});
