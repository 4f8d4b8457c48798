/** DEFLATE, which compresses packages, refers back to equal text within this many bytes. */
const WINDOW = 32_768;

/** Texts that share this many consecutive words or signs are similar. */
const GRAM = 6;

/**
 * Without this number, a short text would count as the most similar text because of a few equal words. The package was
 * smallest with 200.
 */
const BALANCE = 200;

interface Text {
  readonly text: string;
  readonly grams: ReadonlySet<string>;
}

/**
 * Returns texts in an order that compresses well: each text follows the texts that are most similar to it. The first
 * text follows `before`. The order depends only on the texts.
 */
export function orderBySimilarity(texts: readonly string[], before: string): string[] {
  const left = new Set(texts.map((text): Text => ({ text, grams: gramsOf(text) })));
  const order: Text[] = [];
  let recent: ReadonlySet<string> = gramsOf(before);
  for (let next = mostSimilar(recent, left); next !== undefined; next = mostSimilar(recent, left)) {
    left.delete(next);
    order.push(next);
    recent = recentGrams(order);
  }
  return order.map(({ text }) => text);
}

function gramsOf(text: string): Set<string> {
  const words = text.match(/\w+|\W/g) ?? [];
  return new Set(words.slice(GRAM - 1).map((_, i) => words.slice(i, i + GRAM).join('')));
}

/** The grams of the last texts, within `WINDOW`. */
function recentGrams(order: readonly Text[]): Set<string> {
  const recent = new Set<string>();
  let length = 0;
  for (const { text, grams } of order.toReversed()) {
    if (length >= WINDOW) break;
    for (const gram of grams) recent.add(gram);
    length += text.length;
  }
  return recent;
}

function mostSimilar(recent: ReadonlySet<string>, texts: ReadonlySet<Text>): Text | undefined {
  let best: Text | undefined;
  let highest = -1;
  for (const each of texts) {
    let shared = 0;
    for (const gram of each.grams) if (recent.has(gram)) shared++;
    const similarity = shared / (each.grams.size + BALANCE);
    if (similarity > highest) [best, highest] = [each, similarity];
  }
  return best;
}
