export interface LocalWords {
  readonly words: readonly string[];
  /** The number of words of an option of `millrace local`: its name and its values. `undefined` for other options. */
  readonly wordsOf: (option: string) => number | undefined;
}

/**
 * Inserts a missing `--` before the first word that is neither the job nor an option of `millrace local`.
 *
 * @returns `undefined` if there already is a `--`, if an option before the command is unknown, or if the command has no
 *   options.
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
