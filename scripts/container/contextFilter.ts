import { existsSync, readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';

/**
 * Returns a function that returns true for a path that the `.dockerignore` of a Dockerfile does not exclude.
 *
 * @throws Error if a pattern is neither a plain path nor `**` before a name.
 */
export function contextFilter(context: string, dockerfile: string): (path: string) => boolean {
  const ignoreFile = `${dockerfile}.dockerignore`;
  const lines = existsSync(ignoreFile) ? readFileSync(ignoreFile, 'utf8').split('\n') : [];
  const patterns = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const unknown = patterns.find((pattern) => /[*?![]/.test(pattern.replace(/^\*\*\//, '')));
  if (unknown !== undefined)
    throw new Error(`${ignoreFile}: ${unknown}: expected a plain path, or **/ and a name. Extend scripts/container.`);
  return (path) => {
    const name = relative(context, path).split(sep).join('/');
    return !patterns.some((pattern) =>
      pattern.startsWith('**/')
        ? `/${name}/`.includes(`/${pattern.slice(3)}/`)
        : `${name}/`.startsWith(`${pattern.replace(/\/$/, '')}/`),
    );
  };
}
