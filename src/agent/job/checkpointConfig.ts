import { join, normalize, relative } from 'node:path';
import { z } from 'zod';
import { lazy } from '../../base/lazy.js';
import { ConfigError } from '../../base/errors.js';
import { closedObject } from './closedObject.js';
import { s3UriSchema } from './jobChannel.js';
import { locate, type Fault, type LocateOptions, type Location } from './locate.js';

const ROOT = '/opt/ml';

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CheckpointConfig.html */
export const checkpointConfigSchema = lazy(() =>
  closedObject({
    S3Uri: s3UriSchema(),
    LocalPath: z
      .string()
      .refine(isInTree, `expected a folder inside ${ROOT} that is not in ${ROOT}/input`)
      .default(`${ROOT}/checkpoints`),
  }),
);

export function checkpointFolder(baseDir: string, localPath: string): string {
  return join(baseDir, relative(ROOT, normalize(localPath)));
}

export const STORE_KEY = 'CheckpointConfig.S3Uri';

/**
 * Finds the place of the checkpoints. The place need not exist yet.
 *
 * @throws ConfigError if no folder and no store is set for an `s3://` URI.
 */
export function locateCheckpoints(
  config: z.output<ReturnType<typeof checkpointConfigSchema>> | undefined,
  places: Omit<LocateOptions, 'fault'>,
): Location | undefined {
  if (config === undefined) return undefined;
  const fault: Fault = (message, cause) =>
    new ConfigError(`the checkpoints: ${message} (${STORE_KEY})`, { path: STORE_KEY, cause });
  return locate(config.S3Uri, { ...places, fault });
}

function isInTree(localPath: string): boolean {
  const [top = ''] = relative(ROOT, normalize(localPath)).split('/');
  return localPath.startsWith('/') && !['', '..', 'input'].includes(top);
}
