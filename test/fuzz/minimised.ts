/**
 * Reduces an input that fails: removes ranges of decreasing length, then sets bytes to zero.
 *
 * @param fails - returns true if an input fails.
 */
export async function minimised(
  input: Uint8Array,
  fails: (input: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let smallest = input;
  let tries = 2000;
  const attempt = async (candidate: Uint8Array): Promise<boolean> => {
    if (tries-- <= 0 || !(await fails(candidate))) return false;
    smallest = candidate;
    return true;
  };
  for (let size = Math.ceil(input.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.length;) {
      const rest = [smallest.subarray(0, at), smallest.subarray(at + size)];
      if (!(await attempt(new Uint8Array(Buffer.concat(rest))))) at += size;
    }
  }
  for (let at = 0; at < smallest.length; at++) {
    if (smallest[at] === 0) continue;
    const candidate = smallest.slice();
    candidate[at] = 0;
    await attempt(candidate);
  }
  return smallest;
}
