const SHARD_DIGITS = /\d{5,}/g;

/** @param name - the name of a file, or a pattern for file names with `{shard}`. */
export function manifestName(name: string): string {
  return `${name.replace(/[-_.]?\{shard\}/, '').replace(/^[-_.]+/, '')}.manifest.json`;
}

/**
 * Returns the possible names of a file's manifest. Five or more digits may be a shard number, which the manifest's name
 * omits.
 */
export function manifestNamesOf(file: string): readonly string[] {
  const patterns = [...file.matchAll(SHARD_DIGITS)].map(
    ({ 0: digits, index }) => `${file.slice(0, index)}{shard}${file.slice(index + digits.length)}`,
  );
  return [file, ...patterns].map(manifestName);
}
