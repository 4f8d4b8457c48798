/** Returns the numbers from 0 to `count` - 1, and a counter of the numbers so far. */
export function countedNumbers(count: number): { readonly numbers: Iterable<number>; readonly made: () => number } {
  let made = 0;
  const numbers = {
    *[Symbol.iterator]() {
      for (let i = 0; i < count; i++) {
        made++;
        yield i;
      }
    },
  };
  return { numbers, made: () => made };
}
