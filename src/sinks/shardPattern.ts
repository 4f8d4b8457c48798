import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { problemOfPath, urlScheme } from '../base/localPath.js';
import { quote } from '../base/showValue.js';
import { problemOfUrl, rootOf } from '../stores/storeUrl.js';
import { manifestName } from '../base/manifestName.js';

const SHARD = '{shard}';
const MIN_DIGITS = 5;
const PLACEHOLDER = /\{[^{}]*\}/g;

export interface ShardPattern {
  readonly text: string;
  readonly isSharded: boolean;
  /** The common prefix of all files. */
  readonly prefix: string;
  readonly manifestPath: string;
  readonly pathOf: (shard: number) => string;
  readonly matches: (path: string) => boolean;
}

export const shardPatternText = lazy(() =>
  z
    .string()
    .min(1, 'expected a path or a URL')
    .superRefine((text, context) => {
      const message = problemOf(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }),
);

function problemOf(text: string): string | undefined {
  const problem = problemOfUrl(text);
  if (problem !== undefined) return problem;
  const isUrl = urlScheme(text) !== undefined;
  // A suffix such as `.manifest.json` would become a part of the bucket's name.
  if (isUrl && text === rootOf(text))
    return `expected an object in a bucket, found ${quote(text)}: write ${quote(`${text.replace(SHARD, '')}/part-${SHARD}`)}`;
  const [folder, name] = split(text);
  if (name === '')
    return `expected the name of a file, found the folder ${quote(text)}: write ${quote(`${text}part-${SHARD}`)}`;
  const unknown = text.match(PLACEHOLDER)?.find((placeholder) => placeholder !== SHARD);
  if (unknown !== undefined) return `expected no placeholder except ${SHARD}, found ${quote(unknown)}`;
  if (folder.includes(SHARD) || name.indexOf(SHARD) !== name.lastIndexOf(SHARD))
    return `expected ${SHARD} once, in the name of the file, found ${quote(text)}`;
  return isUrl ? undefined : problemOfPath(text);
}

function split(text: string): [string, string] {
  const at = text.lastIndexOf('/') + 1;
  return [text.slice(0, at), text.slice(at)];
}

/** @param text - accepted by {@link shardPatternText}. */
export function parseShardPattern(text: string): ShardPattern {
  const [before = '', after = ''] = text.split(SHARD);
  const isSharded = text.includes(SHARD);
  const pathOf = (shard: number): string =>
    isSharded ? `${before}${String(shard).padStart(MIN_DIGITS, '0')}${after}` : text;
  const [folder, name] = split(text);
  return {
    text,
    isSharded,
    prefix: before,
    manifestPath: `${folder}${manifestName(name)}`,
    pathOf,
    matches: (path) => {
      if (!isSharded) return path === text;
      const digits = path.slice(before.length, path.length - after.length);
      return /^\d+$/.test(digits) && path === pathOf(Number(digits));
    },
  };
}
