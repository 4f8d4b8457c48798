import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compact } from './compact.js';
import { COMMAND, ENTRY_POINTS } from './entryPoints.js';
import { digestOf, writeChange } from './buildOutput.js';

/**
 * Bundles the JavaScript of the package. One file for each entry point, command and worker imports the chunks that it
 * shares with others. So a process has one copy of each module, and loads only the modules that it needs.
 *
 * All files are in one folder, and the modules of workers are in `../inside`, as they are for `workers/host`. So a URL
 * relative to `import.meta.url` is correct in whichever file the bundler puts its code.
 */
const LIB = 'dist/lib';
const INSIDE = 'dist/inside';
const DIGEST = 'dist/.bundledCode';
const TOOLS = [fileURLToPath(import.meta.url), 'scripts/compact.ts', 'package-lock.json'];

/** The output and the source of each module that is loaded by its URL. */
const LOADED_BY_URL = {
  [`${LIB}/pipelineInWorker`]: 'src/pipeline/declared/pipelineInWorker.ts',
  [`${INSIDE}/bootstrap`]: 'src/workers/inside/bootstrap.js',
  [`${INSIDE}/pipelineWorker`]: 'src/workers/inside/pipelineWorker.ts',
  [`${INSIDE}/mapWorker`]: 'src/workers/inside/mapWorker.ts',
};

const { outputFiles } = await build({
  entryPoints: {
    ...Object.fromEntries(ENTRY_POINTS.map(({ code, source }) => [code.replace(/\.js$/, ''), source])),
    [COMMAND.replace(/\.js$/, '')]: 'src/cli/main.ts',
    ...LOADED_BY_URL,
  },
  outdir: '.',
  chunkNames: `${LIB}/[hash]`,
  bundle: true,
  splitting: true,
  write: false,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
});

// Short names, because hashes do not compress.
const hashes = outputFiles.flatMap(({ path }) => /\/([A-Z0-9]{8})\.js$/.exec(path)?.[1] ?? []);
const names = new Map(hashes.map((hash, i) => [hash, `c${i}`]));
const renamed = (text: string): string =>
  text.replaceAll(/\b[A-Z0-9]{8}(?=\.js\b)/g, (hash) => names.get(hash) ?? hash);
const files = new Map(outputFiles.map(({ path, text }) => [renamed(relative('.', path)), renamed(text)]));

const digest = digestOf([...TOOLS.map((file) => readFileSync(file, 'utf8')), ...[...files].flat()]);
const isBuilt = existsSync(DIGEST) && readFileSync(DIGEST, 'utf8') === digest && [...files.keys()].every(existsSync);
// Compacting takes most of the time.
if (!isBuilt) {
  for (const [file, code] of files)
    writeChange(file, compact(withConstants(withClassNames(withoutEmptyImports(code)))));
  writeFileSync(DIGEST, digest);
}
for (const folder of [LIB, INSIDE]) {
  for (const name of readdirSync(folder)) if (!files.has(join(folder, name))) rmSync(join(folder, name));
}

/** No module of the package has side effects. So an import without names only loads a chunk that others import. */
function withoutEmptyImports(code: string): string {
  return code.replaceAll(/^import "\.[^"]*";\n/gm, '');
}

/** The bundler renames a class that refers to itself: `var Gate = class _Gate`. The class would print as `_Gate`. */
function withClassNames(code: string): string {
  const names = Array.from(code.matchAll(/^var (\w+) = class _\1\b/gm), ([, name = '']) => name);
  return names.reduce((text, name) => text.replaceAll(new RegExp(`\\b_${name}\\b`, 'g'), name), code);
}

/**
 * The bundler declares the constants and classes of modules with `var`. V8 then reads them from memory at each use
 * instead of compiling their values into the code: `decodeTable` was a fifth slower.
 */
function withConstants(code: string): string {
  let variables = new Set<string>();
  return code.replaceAll(/^\/\/ ((?:src|operators)\/\S+)$|^var (\w+|\{)/gm, (text, file?: string, name?: string) => {
    if (file !== undefined) variables = variablesOf(file);
    // The bundler adds a number to a name that two modules have.
    const isVariable = variables.has(name ?? '') || variables.has(name?.replace(/\d+$/, '') ?? '');
    return name === undefined || isVariable ? text : `const ${name}`;
  });
}

/** The names of the variables that a module declares with `let`. */
function variablesOf(file: string): Set<string> {
  return new Set(Array.from(readFileSync(file, 'utf8').matchAll(/^(?:export )?let (\w+)/gm), ([, name = '']) => name));
}
