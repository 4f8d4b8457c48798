import { realpathSync } from 'node:fs';
import { ConfigError } from '../base/errors.js';
import { listFiles } from '../pipeline/records/listFiles.js';

/**
 * Opening an input for writing would empty it.
 *
 * @param inputs - the declaration, and the files and patterns that the pipeline reads.
 * @throws ConfigError if `to` is one of the inputs.
 */
export async function refuseInput(to: string, inputs: readonly string[]): Promise<void> {
  const target = realPathOf(to);
  if (target === undefined) return;
  for (const input of inputs) {
    const files = await listFiles(input).catch(() => []);
    if (!files.some((file) => realPathOf(file) === target)) continue;
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
