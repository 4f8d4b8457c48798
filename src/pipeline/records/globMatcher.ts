import type { PicomatchOptions } from 'picomatch';

/** Returns a function that compares names with patterns. Loads picomatch at the first call, which takes 5 ms. */
export async function globMatcher(
  patterns: string | string[],
  options?: PicomatchOptions,
): Promise<(name: string) => boolean> {
  const { default: picomatch } = await import('picomatch');
  return picomatch(patterns, options);
}
