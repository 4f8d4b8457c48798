/** DEFLATE, which compresses packages, refers back to equal text within this many bytes. */
const WINDOW = 32_768;

/** Texts that share this many consecutive words or signs are similar. */
const GRAM = 6;

/**
 * Returns the indices of texts in an order that compresses well: each text follows those with which it shares the most.
 * The first text follows `before`. The order depends only on the texts.
 */
export function orderBySimilarity(texts: readonly string[], before: string): number[] {
  const grams = texts.map(gramsOf);
  const left = new Set(texts.keys());
  const order: number[] = [];
  for (let recent = gramsOf(before); left.size > 0; recent = recentGrams(order, texts, grams)) {
    const next = mostSimilar(recent, left, grams);
    left.delete(next);
    order.push(next);
  }
  return order;
}

function gramsOf(text: string): Set<string> {
  const words = text.match(/\w+|\W/g) ?? [];
  return new Set(words.slice(GRAM - 1).map((_, i) => words.slice(i, i + GRAM).join('')));
}

/** The grams of the last texts, as far as the compression can refer back. */
function recentGrams(order: readonly number[], texts: readonly string[], grams: readonly Set<string>[]): Set<string> {
  const recent = new Set<string>();
  for (let i = order.length - 1, length = 0; i >= 0 && length < WINDOW; i--) {
    const index = order[i]!;
    for (const gram of grams[index]!) recent.add(gram);
    length += texts[index]!.length;
  }
  return recent;
}

function mostSimilar(recent: Set<string>, left: ReadonlySet<number>, grams: readonly Set<string>[]): number {
  let [best, highest] = [0, -1];
  for (const index of left) {
    const own = grams[index]!;
    let shared = 0;
    for (const gram of own) if (recent.has(gram)) shared++;
    // The constant keeps short texts from being the most similar because of a single gram.
    const similarity = shared / (own.size + 200);
    if (similarity > highest) [best, highest] = [index, similarity];
  }
  return best;
}
