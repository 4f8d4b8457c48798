import { dirname } from 'node:path';
import { MillraceError } from '../../base/errors.js';
import { realPathOf } from './localObject.js';
import type { Fault } from '../job/locate.js';
import type { S3Mapping } from '../job/locate.js';
import { openRegularFile } from './openRegularFile.js';

/** The path of a manifest, and the files that the manifest may list. */
export interface ManifestPlace {
  readonly path: string;
  /** The folder of the manifest. Relative paths in the manifest start here. */
  readonly folder: string;
  /** The real path of the folder that all listed files must be in. */
  readonly root: string;
  readonly fault: Fault;
  readonly s3Map: readonly S3Mapping[];
  /** Cancels the search for the listed files. */
  readonly signal: AbortSignal | undefined;
}

/** Options for finding the data of a channel. */
export interface FindOptions {
  /** The folder that all files listed in manifests must be in. Default: the folder of each manifest. */
  readonly manifestRoot?: string | undefined;
  /** Cancels the start, which then rejects with the signal's reason and removes its files. */
  readonly signal?: AbortSignal | undefined;
}

/** Finds a manifest's folder and root. By default, the root is this folder. */
export async function manifestPlace(
  path: string,
  fault: Fault,
  { manifestRoot, signal, s3Map }: FindOptions & { readonly s3Map: readonly S3Mapping[] },
): Promise<ManifestPlace> {
  const folder = dirname(path);
  return { path, folder, root: await realPathOf(manifestRoot ?? folder, fault), fault, s3Map, signal };
}

/** Reads a manifest. It must be a regular file, because a device or a pipe might never end. */
export async function readManifestFile({ path, fault }: ManifestPlace): Promise<Buffer> {
  const file = await openRegularFile(path).catch((cause: unknown) => {
    const isNoFile = cause instanceof MillraceError;
    throw fault(
      isNoFile ? `the manifest ${cause.message}` : `cannot read the manifest ${path}: ${String(cause)}`,
      cause,
    );
  });
  return file.readFile().finally(() => file.close());
}
