import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../base/errors.js';
import { FileFilter, type FileFilterOptions } from '../pipeline/records/fileFilter.js';
import { listFiles } from '../pipeline/records/listFiles.js';

/** A path, folder or pattern that the pipeline reads. */
export interface ReadPattern {
  readonly pattern: string;
  readonly filter?: FileFilterOptions;
}

/**
 * Opening an input for writing would empty it. A new file that matches a pattern would be read while it is written, so
 * the run would not end.
 *
 * @param inputs - the declaration, and the files of the channels.
 * @throws ConfigError if `to` is an input or would become an input.
 */
export async function refuseInput(to: string, inputs: readonly ReadPattern[]): Promise<void> {
  const target = realPathOf(to) ?? plannedPathOf(to);
  if (target === undefined) return;
  for (const { pattern, filter = {} } of inputs) {
    const files = await listFiles(pattern, target).then(
      (listing) => new FileFilter(undefined, filter).select(listing),
      () => [],
    );
    if (!files.some(({ path }) => (realPathOf(path) ?? plannedPathOf(path)) === target)) continue;
    throw new ConfigError(
      `--to ${to}: the pipeline reads this file, so it cannot be the output. Use a different file`,
      {
        path: 'to',
      },
    );
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
