import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { realPathOf, type Fault } from './localObject.js';

/** Where a manifest stands, and how far it reaches. */
export interface ManifestPlace {
  readonly path: string;
  /** The folder that relative paths in it start from: its own. */
  readonly folder: string;
  /** The real path of the folder that it may name files in. */
  readonly root: string;
  readonly fault: Fault;
}

/** The folder that manifests may name files in, where it is not that of the manifest itself. */
export interface ManifestOptions {
  readonly manifestRoot?: string | undefined;
}

/** Finds a manifest's folder and root. Its root is its own folder unless the caller, not the manifest, names another. */
export async function manifestPlace(
  path: string,
  fault: Fault,
  { manifestRoot }: ManifestOptions,
): Promise<ManifestPlace> {
  const folder = dirname(path);
  return { path, folder, root: await realPathOf(manifestRoot ?? folder, fault), fault };
}

/** The bytes of a manifest, a regular file: a device or a pipe might never end. */
export async function readManifestFile({ path, fault }: ManifestPlace): Promise<Buffer> {
  const readRegular = async (): Promise<Buffer | undefined> => {
    return (await stat(path)).isFile() ? readFile(path) : undefined;
  };
  const bytes = await readRegular().catch((cause: unknown) => {
    throw fault(`cannot read the manifest ${path}: ${String(cause)}`, cause);
  });
  if (!bytes) throw fault(`the manifest ${path} is not a regular file`);
  return bytes;
}
