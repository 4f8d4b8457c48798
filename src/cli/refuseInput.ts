import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../base/errors.js';
import { listFiles } from '../pipeline/records/listFiles.js';

/**
 * Opening an input for writing would empty it. A new file that matches a pattern would be read while it is written, so
 * the run would not end.
 *
 * @param inputs - the declaration, and the files, folders and patterns that the pipeline reads.
 * @throws ConfigError if `to` is one of the inputs, or would become one.
 */
export async function refuseInput(to: string, inputs: readonly string[]): Promise<void> {
  const target = realPathOf(to) ?? plannedPathOf(to);
  if (target === undefined) return;
  for (const input of inputs) {
    const files = await listFiles(input, target).catch(() => []);
    if (!files.some((file) => (realPathOf(file) ?? plannedPathOf(file)) === target)) continue;
    throw new ConfigError(`--to ${to}: the pipeline reads this file, so it cannot be the output. Use another file`, {
      path: 'to',
    });
  }
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Returns the path at which a new file would be created. */
function plannedPathOf(path: string): string | undefined {
  const folder = realPathOf(dirname(path));
  return folder === undefined ? undefined : join(folder, basename(path));
}
