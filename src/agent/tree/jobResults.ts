import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../../base/errors.js';
import type { LocalHost } from '../job/localHost.js';

const FAILURE_REASON_LENGTH = 1024;

/** @throws MillraceError `ERR_AGENT` if copying fails. The message names the folders of the originals. */
export async function copyResults(hosts: readonly LocalHost[], outputDir: string): Promise<void> {
  try {
    for (const { name, baseDir } of hosts) {
      const target = hosts.length > 1 ? join(outputDir, name) : outputDir;
      for (const folder of ['model', 'output']) {
        await cp(join(baseDir, folder), join(target, folder), { recursive: true, verbatimSymlinks: true });
      }
    }
  } catch (cause) {
    const kept = hosts.map(({ baseDir }) => baseDir).join(', ');
    const message = `Cannot copy the results to ${outputDir}: ${String(cause)}. The results remain in ${kept}`;
    throw new MillraceError(message, { code: 'ERR_AGENT', cause });
  }
}

export async function readFailure(baseDir: string): Promise<string | undefined> {
  const text = await readFile(join(baseDir, 'output/failure'), 'utf8').catch(() => undefined);
  return text?.slice(0, FAILURE_REASON_LENGTH);
}
