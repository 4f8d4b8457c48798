import { z } from 'zod';
import { lazy } from '../base/lazy.js';
import { ConfigError } from '../base/errors.js';
import { jsonFaultText } from '../base/jsonFault.js';
import { parseOptions, positiveInteger } from '../base/parseOptions.js';
import type { StoreCreateOptions, StoredObject, WritableStore } from '../stores/store.js';
import { writeWhole } from '../stores/writeWhole.js';

/** A file of a {@link Manifest}. */
export interface ManifestFile {
  /** The path or URL. */
  readonly path: string;
  readonly records: number;
  /** The size of the stored (compressed) file in bytes. */
  readonly bytes: number;
  /** The CRC-32C of the stored file, as eight hexadecimal digits. */
  readonly crc32c: string;
}

/** The result of {@link writeRecords}. Plain data, also stored as JSON beside the files. */
export interface Manifest {
  readonly version: 1;
  /** The argument `pattern` of `writeRecords`. */
  readonly pattern: string;
  /** The name of the format, or `custom` for an encoder function. */
  readonly recordFormat: string;
  readonly compression: 'none' | 'gzip';
  readonly recordsPerFile?: number | undefined;
  readonly bytesPerFile?: number | undefined;
  /** False during the run, and after the run has failed. */
  readonly isComplete: boolean;
  /** The number of records in all files. */
  readonly records: number;
  /** The total size of the files in bytes. */
  readonly bytes: number;
  /** The files, in the order of the records. */
  readonly files: readonly ManifestFile[];
}

const count = lazy(() => z.int().nonnegative());

const manifestSchema = lazy(() =>
  z.strictObject({
    version: z.literal(1),
    pattern: z.string(),
    recordFormat: z.string(),
    compression: z.enum(['none', 'gzip']),
    recordsPerFile: positiveInteger().optional(),
    bytesPerFile: positiveInteger().optional(),
    isComplete: z.boolean(),
    records: count(),
    bytes: count(),
    files: z.array(
      z.strictObject({ path: z.string(), records: count(), bytes: count(), crc32c: z.string().regex(/^[0-9a-f]{8}$/) }),
    ),
  }),
);

/** The `path` of the error for a file that is not a manifest. The run must not replace this file. */
export const FOREIGN = 'manifest';

/** @throws ConfigError if the file is not a manifest. */
export async function loadManifest(
  store: WritableStore,
  object: StoredObject,
  signal: AbortSignal | undefined,
): Promise<Manifest> {
  const { url, byteLength = 0 } = object;
  const text = new TextDecoder().decode(await store.read(object, 0, byteLength, { signal }));
  const remedy = 'Remove this file and the files of its run, or set overwrite: true.';
  try {
    const value: unknown = JSON.parse(text);
    if (isForeign(value)) throw foreign(url);
    return parseOptions(url, manifestSchema(), value);
  } catch (cause) {
    if (cause instanceof ConfigError && cause.path === FOREIGN) throw cause;
    const reason = cause instanceof ConfigError ? cause.message : `${url} is not JSON: ${jsonFaultText(text, cause)}`;
    throw new ConfigError(`${reason}. ${remedy}`, { path: cause instanceof ConfigError ? cause.path : '', cause });
  }
}

/** All versions of the manifest have these properties. */
function isForeign(value: unknown): boolean {
  const { pattern, files } = (value ?? {}) as Partial<Manifest>;
  return typeof pattern !== 'string' || !Array.isArray(files);
}

function foreign(url: string): ConfigError {
  const message = `${url} is not a manifest of writeRecords, and the run would replace it. Use a different name or folder, or remove this file.`;
  return new ConfigError(`writeRecords: pattern: ${message}`, { path: FOREIGN });
}

export function saveManifest(
  store: WritableStore,
  path: string,
  { manifest, ...options }: StoreCreateOptions & { readonly manifest: Manifest },
): Promise<void> {
  return writeWhole({ store, url: path }, Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`), options);
}

export function withFile(manifest: Manifest, file: ManifestFile): Manifest {
  return {
    ...manifest,
    records: manifest.records + file.records,
    bytes: manifest.bytes + file.bytes,
    files: [...manifest.files, file],
  };
}
