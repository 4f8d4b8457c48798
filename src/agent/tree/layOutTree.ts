import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveDirectories } from '../../sagemaker/directories.js';
import type { JobConfig } from '../job/jobConfig.js';

const FOLDERS = ['input/config', 'input/data', 'model', 'output/data', 'checkpoints', 'code'];

/**
 * Makes a host's folders and configuration files. Does not make `pipe_state`: the reader of a channel makes it.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-train-storage-env-var-summary.html
 */
export async function layOutTree(baseDir: string, config: JobConfig): Promise<void> {
  const { configDir } = resolveDirectories({ baseDir });
  await Promise.all(FOLDERS.map((folder) => mkdir(join(baseDir, folder), { recursive: true })));
  await Promise.all(
    Object.entries(config).map(([name, content]) =>
      writeFile(join(configDir, `${name}.json`), `${JSON.stringify(content, undefined, 2)}\n`),
    ),
  );
}
