import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { ENTRY_POINTS } from '../entryPoints.js';
import { withLongLines } from './longLines.js';
import { orderBySimilarity } from './orderBySimilarity.js';

/**
 * Bundles the declarations of the package. `dist/types/declarations.d.ts` contains everything that users can reach, and
 * one small file for each entry point exports its names.
 */
const FOLDERS = ['dist/src', 'dist/operators'];
const TYPES = 'dist/types';
const BUNDLE = join(TYPES, 'declarations.d.ts');
const MAX_EXAMPLE_LINES = 5;
const DIGEST = 'dist/.bundled';

const { peerDependenciesMeta } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
};
/** The declarations that the compiler writes for each entry point. */
const entries = ENTRY_POINTS.map(({ types, source }) => ({
  types,
  source: join('dist', source.replace(/\.ts$/, '.d.ts')),
}));

const files = FOLDERS.flatMap((folder) => {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
});
const tools = [
  'package.json',
  'scripts/bundle/bundleDeclarations.ts',
  'scripts/bundle/orderBySimilarity.ts',
  'scripts/bundle/longLines.ts',
];
const digest = digestOf([...files.filter((file) => file.endsWith('.d.ts')), ...tools]);
if (!existsSync(BUNDLE) || !existsSync(DIGEST) || readFileSync(DIGEST, 'utf8') !== digest) {
  rmSync(TYPES, { recursive: true, force: true });
  mkdirSync(TYPES, { recursive: true });
  await bundle();
  // The declarations take less space with one space for each level.
  const declarations = readFileSync(BUNDLE, 'utf8').replaceAll(/^( {4})+/gm, (blank) => ' '.repeat(blank.length / 4));
  writeFileSync(BUNDLE, inOrder(withLongLines(withoutLongExamples(withoutOptionalPeers(declarations)))));
  for (const { types, source } of entries) {
    writeFileSync(types, withOneList(readFileSync(source, 'utf8')));
  }
  writeFileSync(DIGEST, digest);
}
async function bundle(): Promise<void> {
  // Loaded only if needed, because loading takes a second.
  const { Extractor, ExtractorConfig } = await import('@microsoft/api-extractor');
  const everything = join(TYPES, 'everything.d.ts');
  const modules = entries.map(({ source }) => relative(dirname(everything), source).replace(/\.d\.ts$/, '.js'));
  writeFileSync(everything, modules.map((module) => `export * from '${module}';\n`).join(''));
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: process.cwd(),
      mainEntryPointFilePath: resolve(everything),
      compiler: { tsconfigFilePath: resolve('tsconfig.build.json') },
      newlineKind: 'lf',
      apiReport: { enabled: false },
      docModel: { enabled: false },
      tsdocMetadata: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: resolve(BUNDLE) },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: resolve('package.json'),
  });
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => (message.handled = true),
  });
  rmSync(everything);
  if (!succeeded) throw new Error(`The declarations cannot be bundled to ${BUNDLE}.`);
}

/** Exports all values of an entry point by one statement, and all types by a second statement. Comments remain. */
function withOneList(names: string): string {
  const from = ` from './${basename(BUNDLE, '.d.ts')}.js';\n`;
  const lists: Record<'export' | 'export type', string[]> = { export: [], 'export type': [] };
  const comments = names.replaceAll(
    /^(export(?: type)?) \{([^}]*)\} from .*\n/gm,
    (_, keyword: keyof typeof lists, list: string) => {
      for (const name of list.split(',').map((each) => each.trim())) {
        if (name.startsWith('type ')) lists['export type'].push(name.slice('type '.length));
        else if (name !== '') lists[keyword].push(name);
      }
      return '';
    },
  );
  const statements = Object.entries(lists).filter(([, list]) => list.length > 0);
  return comments + statements.map(([keyword, list]) => `${keyword} { ${list.sort().join(', ')} }${from}`).join('');
}

/** Removes long examples, which would take 6 kB of the package. The site contains all examples. */
function withoutLongExamples(declarations: string): string {
  return declarations.replaceAll(/(?: *\*\n)? *\* ```ts\n((?: *\*.*\n)*?) *\* ```\n/g, (example, code: string) => {
    return code.split('\n').length - 1 > MAX_EXAMPLE_LINES ? '' : example;
  });
}

/**
 * Returns the declarations in an order that compresses well, after the imports. In alphabetical order, they would take
 * 5 kB more of the package.
 */
function inOrder(declarations: string): string {
  const [imports = '', ...others] = declarations.split(/\n\n(?=\/\*\*\n|\/\*\* |(?:export )?declare )/);
  return [imports, ...orderBySimilarity(others, imports).map((each) => each.trimEnd())].join('\n\n') + '\n';
}

/** The types must also compile if an optional peer is not installed. Its types are then `any`. */
function withoutOptionalPeers(declarations: string): string {
  return declarations.replaceAll(/^import .* from '(.*)';$/gm, (line, name: string) => {
    return name in peerDependenciesMeta ? `// @ts-ignore: the package is optional.\n${line}` : line;
  });
}

function digestOf(paths: readonly string[]): string {
  const hash = createHash('sha1');
  for (const path of [...paths].sort()) hash.update(path).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('base64');
}
