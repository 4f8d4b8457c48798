import type { Compression } from './sniffCompression.js';

const OF_ENDING: Readonly<Record<string, Compression | undefined>> = {
  gz: 'gzip',
  zz: 'zlib',
  zlib: 'zlib',
  zst: 'zstd',
  br: 'brotli',
};

/**
 * Returns the compression format of a file from its last extension, for example `gzip` for `.gz`.
 *
 * @param name - a path or URL. The query of a URL is ignored.
 */
export function compressionOfName(name: string): Compression | undefined {
  const path = /^[a-z][a-z\d+.-]*:\/\//i.test(name) ? name.replace(/[?#].*$/s, '') : name;
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  return ending === undefined || !Object.hasOwn(OF_ENDING, ending) ? undefined : OF_ENDING[ending];
}
