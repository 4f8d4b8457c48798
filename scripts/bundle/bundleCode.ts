import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions } from 'esbuild';
import { compact } from './compact.js';
import { COMMAND, ENTRY_POINTS } from '../entryPoints.js';
import { writeChange } from '../buildOutput.js';
import { digestOf } from '../erased.js';
import { loadedBy, mergeChunks } from './mergeChunks.js';
import { minify, minifySections } from './minify.js';
import { shortenModuleLists } from './moduleLists.js';
import { pageTexts } from './pageTexts.js';
import { separate } from './separate.js';
import { orderBySimilarity } from './orderBySimilarity.js';

/**
 * Bundles the JavaScript of the package. There is one file for each entry point, command and worker. Code that several
 * of these files use is in chunks, which the files import. So a process has one copy of each module, and loads only the
 * modules that it needs.
 *
 * All files are in one folder. The modules of workers are in `../inside`, which is also their path from
 * `src/workers/host`. So a URL relative to `import.meta.url` is correct in each file of the bundle.
 */
const SCRIPTS = [
  'compact',
  'edited',
  'minify',
  'moduleLists',
  'orderBySimilarity',
  'pageTexts',
  'separate',
  'shortFields',
].map((name) => `scripts/bundle/${name}.ts`);
/** The entry points whose code does not run in pipelines. */
const TOOL_ENTRIES = ['src/agent/index.ts', 'src/nats/index.ts'];
const SCHEMA = 'docs/pipeline.schema.json';
const LIB = 'dist/lib';
const INSIDE = 'dist/inside';
const DIGEST = 'dist/.bundledCode';
/** The comments of the bundler that name sources, for example `// src/cli/main.ts`. */
const SOURCE = /^\/\/ ((?:src|operators)[\w/.-]*)\/[\w.-]+\.[jt]s$/gm;
const CHUNK = /\/([A-Z0-9]{8})\.js$/;
const TOOLS = [fileURLToPath(import.meta.url), ...SCRIPTS, 'package-lock.json'];

/** The output and the source of each module that is loaded by its URL. */
const LOADED_BY_URL = {
  [`${LIB}/pipelineInWorker`]: 'src/pipeline/declared/pipelineInWorker.ts',
  [`${INSIDE}/bootstrap`]: 'src/workers/inside/bootstrap.js',
  [`${INSIDE}/pipelineWorker`]: 'src/workers/inside/pipelineWorker.ts',
  [`${INSIDE}/mapWorker`]: 'src/workers/inside/mapWorker.ts',
  [`${INSIDE}/splitWorker`]: 'src/workers/inside/splitWorker.ts',
};

/**
 * The sources that call the functions of users, or that divide bytes into records. In all other sources, local names are
 * shortened.
 */
const READABLE = /^(operators|src\/(consumers|demand|sources|tfjs|formats\/(framing|recordio|text|tfrecord)))\//;

const OPTIONS = {
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
  metafile: true,
  minifySyntax: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  plugins: [pageTexts],
  logLevel: 'warning',
  // The imports that `mergeChunks` adds.
  logOverride: { 'ignored-bare-import': 'silent' },
} as const satisfies BuildOptions;

const { metafile } = await build(OPTIONS);
const { outputFiles, metafile: merged } = await build({ ...OPTIONS, plugins: [pageTexts, mergeChunks(metafile)] });
const bundled = outputFiles.map(({ path, text }): [string, string] => [relative('.', path), text]);
const readable = [
  ...ENTRY_POINTS.filter(({ source }) => !TOOL_ENTRIES.includes(source)).map(({ code }) => code),
  ...Object.keys(LOADED_BY_URL).map((path) => `${path}.js`),
];
const readableFiles = new Set(readable.flatMap((entry) => [...loadedBy(entry, merged.outputs)]));

// `compact` takes most of the time, so it runs only after a change.
const digest = digestOf([...TOOLS.map((file) => readFileSync(file, 'utf8')), ...bundled.flat()]);
const [built, ...builtFiles] = existsSync(DIGEST) ? readFileSync(DIGEST, 'utf8').split('\n') : [];
let files = new Set(builtFiles);
if (built !== digest || !builtFiles.every((file) => existsSync(file))) {
  const code = withShortNames(await Promise.all(bundled.map(async ([file, text]) => [file, await short(file, text)])));
  for (const [file, text] of code) writeChange(file, text);
  files = new Set(code.keys());
  writeFileSync(DIGEST, [digest, ...files].join('\n'));
}
for (const folder of [LIB, INSIDE]) {
  for (const name of readdirSync(folder)) if (!files.has(join(folder, name))) rmSync(join(folder, name));
}

/**
 * Minifies the files that only the command, the agent and helpers load. Users debug into the code that runs in their
 * pipelines, but not into these tools. In all files, stack traces contain the names of functions and the lines of
 * statements.
 */
async function short(file: string, text: string): Promise<string> {
  const code = shortenModuleLists(withConstants(withClassNames(withoutEmptyImports(separate(text)))));
  if (readableFiles.has(file)) return compact(await minifySections(code, (source) => !READABLE.test(source)));
  const folders = new Set(Array.from(code.matchAll(SOURCE), ([, folder = '']) => folder));
  // The comment follows the first line, which names the interpreter.
  const comment = folders.size === 0 ? '' : `// ${[...folders].join(', ')}\n`;
  return compact(await minify(code)).replace(/^(#!.*\n)?/, (line) => line + comment);
}

/**
 * Names the chunks `u00`, `u01`, and so on, because hashes do not compress. Archives list files by name, so similar
 * chunks get adjacent names. The last chunk is before the JSON Schema in the archive, because the code contains the
 * same descriptions.
 */
function withShortNames(code: readonly (readonly [string, string])[]): Map<string, string> {
  const hashes = new Map(code.flatMap(([file, text]) => (CHUNK.test(file) ? [[text, hashOf(file)] as const] : [])));
  const order = orderBySimilarity([...hashes.keys()], readFileSync(SCHEMA, 'utf8')).toReversed();
  const names = new Map(order.map((text, i) => [hashes.get(text), `u${String(i).padStart(2, '0')}`]));
  const renamed = (text: string): string =>
    text.replaceAll(/\b[A-Z0-9]{8}(?=\.js\b)/g, (hash) => names.get(hash) ?? hash);
  return new Map(code.map(([file, text]) => [renamed(file), renamed(text)]));
}

function hashOf(file: string): string {
  return CHUNK.exec(file)?.[1] ?? '';
}

/**
 * No module of the package has side effects. So an import without names is needed only to load a chunk, and other
 * imports load it too.
 */
function withoutEmptyImports(code: string): string {
  return code.replaceAll(/^import "\.[^"]*";\n/gm, '');
}

/** The bundler renames a class that refers to itself: `var Gate = class _Gate`. The class would print as `_Gate`. */
function withClassNames(code: string): string {
  const names = Array.from(code.matchAll(/^var (\w+) = class _\1\b/gm), ([, name = '']) => name);
  return names.reduce((text, name) => text.replaceAll(new RegExp(`\\b_${name}\\b`, 'g'), name), code);
}

/**
 * The bundler declares the constants and classes of modules with `var`. V8 then reads these variables from memory at
 * each use instead of compiling their values into the code. This made `decodeTable` a fifth slower.
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
