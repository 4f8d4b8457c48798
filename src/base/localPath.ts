import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { quote } from './showValue.js';

const URL_SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;

const REMEDY_OF_SCHEME: Readonly<Record<string, string>> = {
  s3: 'in a training job, read a channel with channel() or records(); elsewhere, copy the objects to this machine with aws s3 cp --recursive',
  file: 'convert the URL with fileURLToPath(url) of node:url',
  http: 'download the file first, or read the body of fetch() with fromReadable',
  https: 'download the file first, or read the body of fetch() with fromReadable',
};

/** If a text is not a local path, returns the problem and the remedy. */
export function problemOfPath(path: string): string | undefined {
  if (/^~(\/|$)/.test(path)) {
    const written = quote(join(homedir(), path.slice(1)));
    return `expected a path on this machine, found ${quote(path)}: the shell did not expand the ~, so write ${written}`;
  }
  const scheme = URL_SCHEME.exec(path)?.[1]?.toLowerCase();
  if (scheme === undefined) return undefined;
  const remedy = REMEDY_OF_SCHEME[scheme] ?? 'copy the file to this machine first';
  return `expected a path on this machine, found ${quote(path)}: ${remedy}`;
}

export const localPath = z
  .string()
  .min(1, 'expected a path')
  .superRefine((path, context) => {
    const message = problemOfPath(path);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

export const localPaths = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
    error: 'expected a path, a pattern, or an array of these',
  })
  .superRefine((paths, context) => {
    const message = [paths]
      .flat()
      .map(problemOfPath)
      .find((problem) => problem !== undefined);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
