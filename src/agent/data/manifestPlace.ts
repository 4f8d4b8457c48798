import { dirname } from 'node:path';
import { MillraceError } from '../../base/errors.js';
import { realPathOf } from './localObject.js';
import type { Fault } from '../job/locate.js';
import type { S3Mapping } from '../job/locate.js';
import { openRegularFile } from './openRegularFile.js';

/** Where a manifest stands, and how far it reaches. */
export interface ManifestPlace {
  readonly path: string;
  /** The folder that relative paths in it start from: its own. */
  readonly folder: string;
  /** The real path of the folder that it may name files in. */
  readonly root: string;
  readonly fault: Fault;
  readonly s3Map: readonly S3Mapping[];
  /** Cancels the look-up of the files that it lists. */
  readonly signal: AbortSignal | undefined;
}

/** How a channel's data is found. */
export interface FindOptions {
  /** The folder that manifests may name files in. Default: the folder of each manifest. */
  readonly manifestRoot?: string | undefined;
  /** Cancels the start. It then rejects with the signal's reason, and leaves no files behind. */
  readonly signal?: AbortSignal | undefined;
}

/** Finds a manifest's folder and root. Its root is its own folder unless the caller, not the manifest, names another. */
export async function manifestPlace(
  path: string,
  fault: Fault,
  { manifestRoot, signal, s3Map }: FindOptions & { readonly s3Map: readonly S3Mapping[] },
): Promise<ManifestPlace> {
  const folder = dirname(path);
  return { path, folder, root: await realPathOf(manifestRoot ?? folder, fault), fault, s3Map, signal };
}

/** The bytes of a manifest, a regular file: a device or a pipe might never end. */
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
