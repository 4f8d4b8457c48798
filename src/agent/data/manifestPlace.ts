import { dirname } from 'node:path';
import { MillraceError } from '../../base/errors.js';
import { reasonOfFailure } from '../../base/reasonOfFailure.js';
import { realPathOf } from './localObject.js';
import type { Fault } from '../job/locate.js';
import type { S3Mapping } from '../job/locate.js';
import { openRegularFile } from './openRegularFile.js';

export interface ManifestPlace {
  readonly path: string;
  /** Relative paths in the manifest start here. */
  readonly folder: string;
  readonly root: string;
  readonly fault: Fault;
  readonly s3Map: readonly S3Mapping[];
  readonly signal: AbortSignal | undefined;
}

/** Options for finding the data of a channel. */
export interface FindOptions {
  /** The folder that must contain all files listed in manifests. Default: the folder of each manifest. */
  readonly manifestRoot?: string | undefined;
  /** Cancels the start, which then removes its files and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export async function manifestPlace(
  path: string,
  fault: Fault,
  { manifestRoot, signal, s3Map }: FindOptions & { readonly s3Map: readonly S3Mapping[] },
): Promise<ManifestPlace> {
  const folder = dirname(path);
  return { path, folder, root: await realPathOf(manifestRoot ?? folder, fault), fault, s3Map, signal };
}

/** The manifest must be a regular file, because a device or a pipe might never end. */
export async function readManifestFile({ path, fault }: ManifestPlace): Promise<Buffer> {
  const file = await openRegularFile(path).catch((cause: unknown) => {
    const isNoFile = cause instanceof MillraceError;
    throw fault(
      isNoFile ? `the manifest ${cause.message}` : `cannot read the manifest ${path}: ${reasonOfFailure(cause)}`,
      cause,
    );
  });
  return file.readFile().finally(() => file.close());
}
