import { loadManifest, type Manifest } from '../sinks/manifest.js';
import { parseShardPattern } from '../sinks/shardPattern.js';
import { storeOfOutput } from './commandStores.js';

/** Describes the files that an interrupted run has kept. `--resume` continues after the files of the manifest. */
export async function describeKept(to: string): Promise<string> {
  const manifest = await savedManifest(to).catch(() => undefined);
  const { isComplete = false, files = [], records = 0 } = manifest ?? {};
  if (isComplete) return 'interrupted before the first file was complete. The files of the earlier run are unchanged';
  if (files.length === 0) return 'interrupted before the first file was complete. Nothing was kept';
  const kept = files.length === 1 ? '1 complete file' : `${files.length} complete files`;
  return `interrupted. Kept ${kept} with ${records} records. To write the rest, run the command again with --resume`;
}

async function savedManifest(to: string): Promise<Manifest | undefined> {
  const { manifestPath } = parseShardPattern(to);
  const store = await storeOfOutput(to);
  for await (const object of store.list(manifestPath)) {
    if (object.url === manifestPath) return loadManifest(store, object, undefined);
  }
  return undefined;
}
