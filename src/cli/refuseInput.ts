import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { identityOf, realPathOfNew } from '../base/fileIdentity.js';
import { urlScheme } from '../base/localPath.js';
import { ConfigError } from '../base/errors.js';
import { FileFilter, type FileFilterOptions } from '../pipeline/records/fileFilter.js';
import { listFiles } from '../pipeline/records/listFiles.js';
import { listStored } from '../pipeline/records/listStored.js';
import type { FileListing } from '../pipeline/records/recordFile.js';
import { parseShardPattern } from '../sinks/shardPattern.js';
import type { Store, StoredObject } from '../stores/store.js';

export interface ReadPattern {
  readonly pattern: string;
  readonly filter?: FileFilterOptions;
}

export interface RunOutput {
  /** The option that names the output. Default: `--to`. */
  readonly flag?: string;
  readonly to: string;
  /** True if `writeRecords` writes the output. It also writes a manifest, and shards if the name contains `{shard}`. */
  readonly isRecords: boolean;
}

/** The number of planned shards to compare with the inputs. All existing shards are compared. */
const PLANNED_SHARDS = 1000;

/**
 * Rejects an output that is also an input, because the run would empty or remove it. Also rejects a new file that
 * matches a pattern of the inputs, because the pipeline would read it during the run or in the next epoch.
 *
 * @param inputs - the patterns of the declaration, and the files of its channels.
 * @throws ConfigError in these cases.
 */
export async function refuseInput(output: RunOutput, inputs: readonly ReadPattern[]): Promise<void> {
  const { flag = '--to', to, isRecords } = output;
  const found = urlScheme(to) === undefined ? await findFile(output, inputs) : await findObject(to, inputs);
  if (found === undefined) return;
  const reason = isRecords
    ? `the pipeline reads ${found}, which is one of the files that the run would write or remove. Use a different name or folder`
    : 'the pipeline reads this file, so it cannot be the output. Use a different file';
  throw new ConfigError(`${flag} ${to}: ${reason}`, { path: flag.slice(2) });
}

async function findFile(output: RunOutput, inputs: readonly ReadPattern[]): Promise<string | undefined> {
  const folder = realPathOfNew(dirname(output.to));
  const names = [...plannedPaths(output), ...existingShards(output)].map((path) => basename(path));
  const written = new Set(names.map((name) => identityOf(join(folder, name))));
  for (const input of inputs) {
    const files = await selected(input, listFiles(input.pattern, { folder, names }));
    const found = files.find((path) => written.has(identityOf(plannedPathOf(path))));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Lists only the objects of the run, because listing all inputs can take long. */
async function findObject(to: string, inputs: readonly ReadPattern[]): Promise<string | undefined> {
  const { matches } = parseShardPattern(to);
  const planned = plannedPaths({ to, isRecords: true });
  for (const input of inputs.filter(({ pattern }) => urlScheme(pattern) === urlScheme(to))) {
    const url = input.pattern.replace(/^[^:]+/, (scheme) => scheme.toLowerCase());
    const urls = matches(url) ? [...planned, url] : planned;
    const [found] = await selected(input, listStored(storeOf(urls), url, undefined));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function selected({ filter = {} }: ReadPattern, listing: Promise<FileListing>): Promise<readonly string[]> {
  return listing.then(
    async (files) => (await new FileFilter(undefined, filter).select(files)).map(({ path }) => path),
    // The run itself reports this error later.
    () => [],
  );
}

function plannedPaths({ to, isRecords }: RunOutput): readonly string[] {
  if (!isRecords) return [to];
  const { isSharded, pathOf, manifestPath } = parseShardPattern(to);
  return [manifestPath, ...Array.from({ length: isSharded ? PLANNED_SHARDS : 1 }, (_, shard) => pathOf(shard))];
}

function existingShards({ to, isRecords }: RunOutput): readonly string[] {
  if (!isRecords) return [];
  const folder = to.slice(0, to.lastIndexOf('/') + 1);
  try {
    const paths = readdirSync(folder === '' ? '.' : folder).map((name) => folder + name);
    return paths.filter(parseShardPattern(to).matches);
  } catch {
    return [];
  }
}

/** Returns the path of a file that does not exist yet. */
function plannedPathOf(path: string): string {
  return join(realPathOfNew(dirname(path)), basename(path));
}

function storeOf(urls: readonly string[]): Pick<Store, 'list' | 'schemes' | 'read'> {
  const objects = urls.toSorted().map((url): StoredObject => {
    return { url, byteLength: undefined, version: undefined, hasRanges: false };
  });
  return {
    schemes: [],
    list: (prefix) => Readable.from(objects.filter(({ url }) => url.startsWith(prefix))),
    read: () => Promise.reject(new Error('this store cannot read')),
  };
}
