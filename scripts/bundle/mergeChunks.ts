import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Metafile, Plugin } from 'esbuild';

/**
 * The bundler makes a chunk for each set of entry points that share modules. Many of these chunks are small, and the
 * imports between them take more space in the package than their code. After small chunks are merged, an entry point
 * loads at most this many bytes of additional code. The code of `LOADED_TOGETHER` is not counted.
 */
const MAX_ADDED_BYTES = 40_000;

/**
 * Each file that Node.js loads takes up to 1 ms of a program's start. Programs and workers with pipelines import
 * several entry points of the first group, and the commands of the second group load nearly the same code. So each
 * entry point may load the code of its whole group: the merged chunks are fewer and larger.
 */
const LOADED_TOGETHER = [
  [
    'src/index.ts',
    'operators/index.ts',
    'src/tfjs/index.ts',
    'src/testing/index.ts',
    'src/pipeline/parquet/index.ts',
    'src/s3/index.ts',
    'src/onnx/index.ts',
    'src/pipeline/declared/pipelineInWorker.ts',
    'src/workers/inside/pipelineWorker.ts',
  ],
  ['src/cli/init/initProject.ts', 'src/cli/inspect/inspectInputs.ts', 'src/cli/runIndex.ts'],
];

/** A chunk, or several chunks that will be merged into one. */
interface Chunk {
  readonly outputs: Set<string>;
  size: number;
  /** The entry points that load this chunk. */
  readonly users: Set<string>;
  /** The packages that this chunk imports, and the folders of its modules. */
  readonly places: Set<string>;
  /** The chunks that this chunk imports. */
  readonly needs: Set<Chunk>;
}

interface Merge {
  readonly into: Chunk;
  readonly from: Chunk;
  readonly addedBytes: number;
}

type Outputs = Metafile['outputs'];

/**
 * Returns a plugin that lets the bundler merge small chunks. Each entry point imports all modules of the merged chunks
 * that it loads, so the bundler puts these modules into one chunk.
 */
export function mergeChunks({ outputs }: Metafile): Plugin {
  const entries = Object.entries(outputs).filter(([, { entryPoint }]) => entryPoint !== undefined);
  const loads = new Map(entries.map(([entry]) => [entry, loadedBy(entry, outputs)]));
  const together = LOADED_TOGETHER.map((group) =>
    entries.flatMap(([entry, { entryPoint = '' }]) => (group.includes(entryPoint) ? [entry] : [])),
  );
  const chunks = mergeAll(chunksOf(outputs, loads, together));
  const modules = new Map(
    entries.map(([entry, { entryPoint = '' }]) => {
      const paths = chunks.filter(({ users }) => users.has(entry)).flatMap((chunk) => [...chunk.outputs]);
      const added = paths.filter((path) => !loads.get(entry)?.has(path));
      return [resolve(entryPoint), added.flatMap((path) => modulesOf(outputs[path]))];
    }),
  );
  return importing(modules);
}

/** Adds imports of modules at the end of files, so that the order of the files' own imports remains. */
function importing(modules: ReadonlyMap<string, readonly string[]>): Plugin {
  return {
    name: 'mergeChunks',
    setup: (build) => {
      build.onLoad({ filter: /\.[jt]s$/ }, async ({ path }) => {
        const imports = modules.get(path)?.map((module) => `import ${JSON.stringify(resolve(module))};\n`) ?? [];
        if (imports.length === 0) return undefined;
        const code = await readFile(path, 'utf8');
        return { contents: code + imports.join(''), loader: path.endsWith('.ts') ? 'ts' : 'js' };
      });
    },
  };
}

function modulesOf(output: Outputs[string] | undefined): string[] {
  return Object.entries(output?.inputs ?? {}).flatMap(([module, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [module] : [],
  );
}

/** The files that an entry point loads with its first import, and the entry point itself. */
export function loadedBy(entry: string, outputs: Outputs): Set<string> {
  const loaded = new Set([entry]);
  for (const path of loaded) for (const next of importsOf(outputs[path])) if (next in outputs) loaded.add(next);
  return loaded;
}

/** The files and packages that a file imports, without `import()`. */
function importsOf(output: Outputs[string] | undefined): string[] {
  return output?.imports.flatMap(({ kind, path }) => (kind === 'import-statement' ? [path] : [])) ?? [];
}

function chunksOf(
  outputs: Outputs,
  loads: ReadonlyMap<string, ReadonlySet<string>>,
  together: readonly (readonly string[])[],
): Chunk[] {
  const chunks = new Map(
    Object.entries(outputs).map(([path, output]): [string, Chunk] => {
      const users = [...loads].flatMap(([entry, loaded]) => (loaded.has(path) ? [entry] : []));
      for (const group of together) if (users.some((user) => group.includes(user))) users.push(...group);
      const packages = importsOf(output).filter((name) => !(name in outputs) && !name.startsWith('node:'));
      const folders = modulesOf(output).map((module) => dirname(module));
      const sets = { outputs: new Set([path]), users: new Set(users), places: new Set([...packages, ...folders]) };
      return [path, { ...sets, size: output.bytes, needs: new Set() }];
    }),
  );
  for (const [path, { needs }] of chunks) {
    const needed = importsOf(outputs[path]).map((next) => chunks.get(next));
    for (const chunk of needed) if (chunk) needs.add(chunk);
  }
  // The files of entry points have fixed names, so they cannot be merged.
  return [...chunks].flatMap(([path, chunk]) => (loads.has(path) ? [] : [chunk]));
}

/**
 * Repeatedly merges the two chunks that add the least code, until each possible merge adds too much to an entry point.
 */
function mergeAll(all: readonly Chunk[]): Chunk[] {
  const chunks = new Set(all);
  const added = new Map<string, number>();
  for (let merge = cheapest(chunks, added); merge !== undefined; merge = cheapest(chunks, added)) {
    const { into, from } = merge;
    for (const [chunk, users] of newUsers(into, from)) {
      for (const user of users) {
        chunk.users.add(user);
        added.set(user, (added.get(user) ?? 0) + chunk.size);
      }
    }
    into.size += from.size;
    for (const key of ['outputs', 'places'] as const) for (const each of from[key]) into[key].add(each);
    chunks.delete(from);
    for (const next of from.needs) into.needs.add(next);
    for (const { needs } of chunks) if (needs.delete(from)) needs.add(into);
    into.needs.delete(into);
  }
  return [...chunks];
}

function cheapest(chunks: ReadonlySet<Chunk>, added: ReadonlyMap<string, number>): Merge | undefined {
  let best: Merge | undefined;
  const list = [...chunks];
  for (const [i, into] of list.entries()) {
    for (const from of list.slice(i + 1)) {
      const bytes = addedBytes(newUsers(into, from), chunks, added);
      if (bytes < (best?.addedBytes ?? Infinity)) best = { into, from, addedBytes: bytes };
    }
  }
  return best;
}

/**
 * The additional users of each chunk after a merge. The two chunks, and all chunks that they need, get the same users.
 */
function newUsers(into: Chunk, from: Chunk): Map<Chunk, readonly string[]> {
  const users = [...new Set([...into.users, ...from.users])];
  const needed = new Set([into, from]);
  for (const { needs } of needed) for (const next of needs) needed.add(next);
  return new Map([...needed].map((chunk) => [chunk, users.filter((user) => !chunk.users.has(user))]));
}

/**
 * The size of the code that entry points would load in addition. Infinite if the code is too large, or if an entry
 * point would load packages or folders from which it loads nothing else.
 */
function addedBytes(
  users: ReadonlyMap<Chunk, readonly string[]>,
  chunks: ReadonlySet<Chunk>,
  before: ReadonlyMap<string, number>,
): number {
  const added = new Map<string, number>();
  for (const [{ size, places }, names] of users) {
    for (const name of names) {
      added.set(name, (added.get(name) ?? 0) + size);
      const isLoaded = (place: string): boolean =>
        [...chunks].some((chunk) => chunk.users.has(name) && chunk.places.has(place));
      if (![...places].every(isLoaded)) return Infinity;
    }
  }
  const isTooMuch = [...added].some(([name, bytes]) => bytes + (before.get(name) ?? 0) > MAX_ADDED_BYTES);
  return isTooMuch ? Infinity : [...added.values()].reduce((sum, bytes) => sum + bytes, 0);
}
