/** S3 sorts keys by UTF-8 bytes. JavaScript compares UTF-16 units, which sorts characters beyond U+FFFF differently. */
export function sortedBy<T>(items: readonly T[], textOf: (item: T) => string): T[] {
  const keyed = items.map((item) => ({ item, bytes: Buffer.from(textOf(item)) }));
  return keyed.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ item }) => item);
}
