/** The words after `millrace local`, and a function that recognises its options. */
export interface LocalWords {
  readonly words: readonly string[];
  /**
   * Returns the number of words of an option, including the option. Returns `undefined` if `millrace local` has no such
   * option.
   */
  readonly wordsOf: (option: string) => number | undefined;
}

/**
 * Finds the probable place of a missing `--` in a command line: before the first word that is neither the job nor an
 * option of `millrace local`.
 *
 * @returns the words with `--` if the command has options that `millrace local` would parse; otherwise `undefined`.
 */
export function separatedCommand({ words, wordsOf }: LocalWords): readonly string[] | undefined {
  if (words.includes('--')) return undefined;
  let at = 0;
  let operands = 0;
  while (at < words.length) {
    const word = words[at] as string;
    if (!word.startsWith('-')) {
      if (++operands === 2) break;
      at++;
      continue;
    }
    const taken = wordsOf(word.replace(/=.*$/s, ''));
    if (taken === undefined) return undefined;
    at += word.includes('=') ? 1 : taken;
  }
  const command = words.slice(at);
  return command.some((word) => word.startsWith('-')) ? [...words.slice(0, at), '--', ...command] : undefined;
}
