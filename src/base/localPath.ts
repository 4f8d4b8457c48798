import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { lazy } from './lazy.js';
import { quote } from './showValue.js';

const URL_SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;

const USE_STORES =
  'recordsFromFiles() reads records from URLs, and storeBytes() reads the bytes of an object. ' +
  'Here, use a copy on this machine';

const REMEDY_OF_SCHEME: Readonly<Record<string, string>> = {
  s3: USE_STORES,
  file: 'convert the URL with fileURLToPath(url) of node:url',
  http: USE_STORES,
  https: USE_STORES,
};

/** Returns the scheme of a URL in lower case (`s3` for `S3://bucket/key`), or `undefined` for a path. */
export function urlScheme(text: string): string | undefined {
  return URL_SCHEME.exec(text)?.[1]?.toLowerCase();
}

/** Removes the user and the password of a URL, also of a malformed URL, because they may be secret. */
export function withoutUser(url: string): string {
  return url.replace(/^(https?:\/*)[^/?#]*@/i, '$1');
}

/** Returns an error message for a mistyped URL such as `s3:/bucket`, which is also a local path. */
export function problemOfScheme(path: string): string | undefined {
  const [, scheme] = /^(s3|https?):(?!\/\/)/i.exec(path) ?? [];
  return (
    scheme &&
    `expected a path or a URL, found ${quote(withoutUser(path))}: write ${scheme}:// for a URL, or ./${scheme}: for a path`
  );
}

export function problemOfPath(path: string): string | undefined {
  if (/^~(\/|$)/.test(path)) {
    const written = quote(join(homedir(), path.slice(1)));
    return `expected a path on this machine, found ${quote(path)}: the shell did not expand the ~, so write ${written}`;
  }
  const scheme = urlScheme(path);
  const problem = problemOfScheme(path);
  if (problem !== undefined) return problem;
  if (scheme === undefined) return undefined;
  const remedy = REMEDY_OF_SCHEME[scheme] ?? 'copy the file to this machine first';
  return `expected a path on this machine, found ${quote(withoutUser(path))}: ${remedy}`;
}

export const localPath = lazy(() =>
  z
    .string()
    .min(1, 'expected a path')
    .superRefine((path, context) => {
      const message = problemOfPath(path);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }),
);
