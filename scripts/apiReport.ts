import { mkdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

/**
 * Writes the exports of each entry point to `test/house/api`, so that a review shows each change of the public API.
 * With `--check`, fails if a report is not up to date. Reads the declarations of the build.
 */
const FOLDER = resolve('test/house/api');
const isCheck = process.argv.includes('--check');

const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, string | { types: string }>;
};

mkdirSync(FOLDER, { recursive: true });
const configs = new Map<string, ExtractorConfig>();
for (const [entry, target] of Object.entries(exports)) {
  if (typeof target === 'string') continue;
  const name = entry === '.' ? 'millrace' : entry.slice('./'.length);
  configs.set(name, configOf(name, resolve(target.types)));
}
const [first, ...others] = configs.values();
if (!first) throw new Error('package.json has no exports');
// All entry points share one compiler program. A program for each entry point would take twice the time.
const compilerState = CompilerState.create(first, {
  additionalEntryPoints: others.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
});
for (const [name, config] of configs) {
  if (report(config)) continue;
  console.error(`test/house/api/${name}.api.md is not up to date: run \`npm run api\`, and review the changes.`);
  process.exitCode = 1;
}

function configOf(name: string, mainEntryPointFilePath: string): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: process.cwd(),
      mainEntryPointFilePath,
      compiler: { tsconfigFilePath: resolve('tsconfig.json') },
      apiReport: {
        enabled: true,
        reportFolder: FOLDER,
        reportTempFolder: resolve('node_modules/.cache/millrace-api'),
        reportFileName: `${name}.api.md`,
      },
      newlineKind: 'lf',
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: resolve('package.json'),
  });
}

function report(config: ExtractorConfig): boolean {
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: !isCheck,
    compilerState,
    messageCallback: (message) => (message.handled = true),
  });
  return !isCheck || !apiReportChanged;
}
