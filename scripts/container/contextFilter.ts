import { existsSync, readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';

/**
 * Says of each file under a build's context whether the Dockerfile's own `.dockerignore` lets it in.
 *
 * @throws Error for a pattern: only paths as they are, and `**` before a name, are understood.
 */
export function contextFilter(context: string, dockerfile: string): (path: string) => boolean {
  const ignoreFile = `${dockerfile}.dockerignore`;
  const lines = existsSync(ignoreFile) ? readFileSync(ignoreFile, 'utf8').split('\n') : [];
  const patterns = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const unknown = patterns.find((pattern) => /[*?![]/.test(pattern.replace(/^\*\*\//, '')));
  if (unknown !== undefined) throw new Error(`${ignoreFile}: ${unknown}: this pattern is not understood here.`);
  return (path) => {
    const name = relative(context, path).split(sep).join('/');
    return !patterns.some((pattern) =>
      pattern.startsWith('**/')
        ? `/${name}/`.includes(`/${pattern.slice(3)}/`)
        : `${name}/`.startsWith(`${pattern.replace(/\/$/, '')}/`),
    );
  };
}
