import { stat } from 'node:fs/promises';
import { ChannelError, ConfigError } from '../../base/errors.js';
import { problemOfPath } from '../../base/localPath.js';
import { listFiles } from '../../pipeline/records/listFiles.js';

export interface FoundInput {
  /** The path of a file or FIFO, or `-` for standard input. */
  readonly path: string;
  readonly bytes: number | undefined;
  /** Whether the user named this path. A pattern or a folder may only contain regular files. */
  readonly isNamed: boolean;
}

/**
 * Returns the inputs in the order of `recordsFromFiles`.
 *
 * @throws ConfigError (as a rejection) if a pattern is a URL or begins with `~`.
 * @throws ChannelError (as a rejection) if nothing matches a pattern.
 */
export async function findInputs(patterns: readonly string[]): Promise<FoundInput[]> {
  const paths = await Promise.all(patterns.map(pathsOf));
  return Promise.all(
    paths.flat().map(async (path) => ({ path, bytes: await bytesOf(path), isNamed: patterns.includes(path) })),
  );
}

async function pathsOf(pattern: string): Promise<string[]> {
  if (pattern === '-') return [pattern];
  const fault = problemOfPath(pattern);
  if (fault !== undefined) throw new ConfigError(`inspect: ${fault}`, { path: 'input' });
  const files = await listFiles(pattern).catch((error: unknown) => {
    // The reader reports a missing file with a better message.
    if (error instanceof ChannelError && error.errno === 'ENOENT' && error.path === pattern) return [pattern];
    throw error;
  });
  if (files.length > 0) return files;
  const message = `No file matches ${pattern}. A folder matches all files in it, and ** matches any number of folders.`;
  throw new ChannelError(message, { code: 'ERR_CHANNEL_EMPTY', path: pattern });
}

async function bytesOf(path: string): Promise<number | undefined> {
  const stats = path === '-' ? undefined : await stat(path).catch(() => undefined);
  return stats?.isFile() ? stats.size : undefined;
}
