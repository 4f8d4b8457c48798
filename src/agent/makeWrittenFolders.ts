import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError } from '../base/errors.js';
import { reasonOfFailure } from '../base/reasonOfFailure.js';
import { refuseOverlap, type WrittenFolder } from './data/refuseOverlap.js';
import type { FoundJob } from './findChannels.js';
import { findStore, STORE_KEY } from './job/checkpointConfig.js';

/**
 * Creates the folders for checkpoints and results, if they do not exist.
 *
 * @returns the folder for checkpoints, if the job has one.
 * @throws ConfigError if one of them overlaps the data, or if one cannot be created. If one overlaps, none is created.
 */
export async function makeWrittenFolders(found: FoundJob, outputDir: string | undefined): Promise<string | undefined> {
  const store = findStore(found.job.CheckpointConfig, found.places);
  const folders: WrittenFolder[] = [];
  if (outputDir !== undefined)
    folders.push({ folder: resolve(outputDir), name: 'outputDir (--output)', path: 'outputDir' });
  if (store !== undefined) folders.push({ folder: store, name: `the checkpoints (${STORE_KEY})`, path: STORE_KEY });
  for (const folder of folders) await refuseOverlap(folder, found.channels);
  for (const folder of folders) await makeFolder(folder);
  return store;
}

async function makeFolder({ folder, name, path }: WrittenFolder): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    const expected = 'expected a folder, or a path at which a folder can be created';
    throw new ConfigError(`${name}: ${expected}, found ${folder}: ${reasonOfFailure(cause)}`, { path, cause });
  });
}
