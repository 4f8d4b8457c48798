import { realpathSync } from 'node:fs';
import { ConfigError } from '../base/errors.js';
import { listFiles } from '../pipeline/records/listFiles.js';

/**
 * Refuses to write to a file that the pipeline reads: opening it for writing would empty it.
 *
 * @param to - where the items go.
 * @param inputs - the pipeline's own file, and the files and patterns that it reads.
 * @throws ConfigError if `to` is one of them.
 */
export async function refuseInput(to: string, inputs: readonly string[]): Promise<void> {
  const target = realPathOf(to);
  if (target === undefined) return;
  for (const input of inputs) {
    const files = await listFiles(input).catch(() => []);
    if (!files.some((file) => realPathOf(file) === target)) continue;
    throw new ConfigError(`--to ${to}: the pipeline reads this file. Name another one`, { path: 'to' });
  }
}

/** The file that a path leads to; `undefined` if there is none. */
function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
