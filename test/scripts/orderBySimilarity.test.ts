import { orderBySimilarity } from '../../scripts/bundle/orderBySimilarity.js';

const about = (topic: string): string =>
  `A long text about ${topic}, and again ${topic}, in the words of ${topic}. `.repeat(3);

describe('orderBySimilarity', () => {
  it('begins with the text that is most similar to the one before', () => {
    const [one, other] = [about('the one'), about('some other')];
    expect(orderBySimilarity([one, other], other)).toEqual([other, one]);
  });

  it('puts similar texts after each other', () => {
    const texts = ['the one', '2 + 3 = 5', 'the one too', '2 + 3 = 5 + 0'].map(about);
    const [a, b, c, d] = texts;
    expect(orderBySimilarity(texts, '')).toEqual([a, c, b, d]);
  });

  it('returns each text once', () => {
    expect(orderBySimilarity(['', 'a', 'a', ''], '').toSorted()).toEqual(['', '', 'a', 'a']);
    expect(orderBySimilarity([], 'a')).toEqual([]);
  });
});
