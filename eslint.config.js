import { defineConfig, globalIgnores } from 'eslint/config';
import jsdoc from 'eslint-plugin-jsdoc';
import rxjsX from 'eslint-plugin-rxjs-x';
import tseslint from 'typescript-eslint';

/**
 * The layers, lowest first. Each layer may import only itself and the listed layers. `test/house/lint.test.ts` checks
 * every pair of layers, and `test/house/layers.test.ts` checks the real files.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const LAYERS = {
  base: [],
  arrays: ['base'],
  formats: ['base', 'arrays'],
  passes: ['base'],
  demand: ['base', 'passes'],
  consumers: ['base', 'arrays', 'demand'],
  report: ['base', 'demand'],
  page: ['base', 'demand', 'report'],
  resume: ['base', 'demand'],
  workers: ['base', 'arrays', 'demand', 'resume'],
  sagemaker: ['base'],
  hosts: ['base', 'sagemaker'],
  stores: ['base', 'demand'],
  s3: ['base', 'stores'],
  sources: ['base', 'passes', 'demand', 'resume', 'workers', 'sagemaker'],
  snapshots: ['base', 'formats', 'demand', 'resume', 'sources', 'stores'],
  'operators/shared': ['base', 'arrays', 'passes', 'demand', 'resume'],
  operators: [
    'base',
    'arrays',
    'formats',
    'demand',
    'report',
    'page',
    'resume',
    'workers',
    'stores',
    'snapshots',
    'operators/shared',
  ],
  sinks: ['base', 'formats', 'demand', 'sources', 'stores'],
  pipeline: [
    'base',
    'arrays',
    'formats',
    'demand',
    'resume',
    'workers',
    'operators/shared',
    'operators',
    'sagemaker',
    'stores',
    'sources',
  ],
  index: [
    'base',
    'arrays',
    'formats',
    'demand',
    'consumers',
    'report',
    'resume',
    'workers',
    'operators/shared',
    'sagemaker',
    'hosts',
    'stores',
    'sources',
    'sinks',
    'pipeline',
  ],
  onnx: ['base', 'arrays'],
  nats: ['base', 'demand', 'resume', 'workers', 'sources'],
  tfjs: ['base', 'arrays', 'formats', 'demand', 'consumers', 'resume', 'operators', 'sagemaker', 'stores', 'sources'],
  agent: ['base', 'arrays', 'formats', 'demand', 'operators', 'sagemaker', 'hosts', 'stores', 'sources'],
  testing: ['base', 'arrays', 'formats', 'demand', 'operators', 'sagemaker', 'sources'],
  cli: [
    'base',
    'arrays',
    'formats',
    'demand',
    'consumers',
    'report',
    'page',
    'operators',
    'stores',
    's3',
    'sinks',
    'sources',
    'pipeline',
    'hosts',
    'agent',
    'nats',
  ],
};

function filesOf(layer) {
  if (layer === 'index') return 'src/index.ts';
  if (layer === 'operators') return 'operators/*.ts';
  return layer === 'operators/shared' ? 'operators/shared/*.ts' : `src/${layer}/**/*.ts`;
}

/** The entry points. Only these files may re-export. */
const ENTRIES = [
  'src/index.ts',
  'operators/index.ts',
  'src/{formats,tfjs,agent,testing,s3,onnx,nats}/index.ts',
  'src/pipeline/parquet/index.ts',
];

/** Only these files may use deprecated internals of RxJS: `new Subscriber()` and its `destination`. */
const RXJS_INTERNALS = ['src/demand/operate.ts', 'src/demand/carried.ts'];

/** Only this file may import files of the project with `import()`. */
const DYNAMIC_IMPORTS = 'src/cli/addCommands.ts';

/** The patterns match only the specifier, so no file is resolved. */
function restrictedImports(layer, { subscriber = false } = {}) {
  const allowed = LAYERS[layer];
  const forbidden = Object.keys(LAYERS).filter((other) => other !== layer && !allowed.includes(other));
  const patterns = [
    { regex: '^millrace(/|$)|^\\..*/index\\.js$', message: 'Import the file itself, not an entry point.' },
  ];
  if (forbidden.length > 0) {
    const message = `Layers: ${layer} may import only ${allowed.join(', ') || 'its own files'} (LAYERS in eslint.config.js).`;
    // `operators/shared` is another layer than `operators`.
    const names = forbidden.map((other) => (other === 'operators' ? 'operators/(?!shared/)' : `${other}/`));
    patterns.push({ regex: `^\\..*/(${names.join('|')})`, message });
  }
  if (layer === 'operators/shared')
    patterns.push({ regex: '^\\.\\./\\w+\\.js$', message: 'Layers: operators/shared may not import an operator.' });
  if (layer === 'formats') patterns.push({ regex: '^rxjs(/|$)', message: 'Codecs may not use RxJS.' });
  const paths = [{ name: 'rxjs', importNames: ['Subscriber'], allowTypeImports: true, message: 'Use operate().' }];
  return ['error', { patterns, paths: subscriber ? [] : paths }];
}

const SYNTAX = {
  dynamicImport: {
    selector: 'ImportExpression[source.value=/^\\./]',
    message: 'Use a static import: only static imports are checked for layers.',
  },
  reExport: {
    selector: 'ExportAllDeclaration, ExportNamedDeclaration[source]',
    message: 'Only entry points may re-export. Import from the file that defines the name.',
  },
  entry: {
    selector: 'Program > :not(ExportAllDeclaration, ExportNamedDeclaration[source])',
    message: 'An entry point may contain only re-exports.',
  },
  newObservable: {
    selector: 'NewExpression[callee.name="Observable"]',
    message: 'Use operate(), which connects an operator to its subscriber.',
  },
};

const PRODUCT = ['src/**/*.ts', 'operators/**/*.ts'];

const RESTRICTED_IMPORTS = '@typescript-eslint/no-restricted-imports';

export default defineConfig(
  globalIgnores(['dist', '**/*.d.ts', '**/*.js']),
  {
    // Other folders are checked by oxlint alone.
    files: PRODUCT,
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { project: 'tsconfig.build.json', tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
  {
    files: PRODUCT,
    plugins: { '@typescript-eslint': tseslint.plugin },
    extends: [rxjsX.configs.recommended, jsdoc.configs['flat/recommended-typescript-error']],
    settings: { jsdoc: { tagNamePreference: { template: 'typeParam' } } },
    rules: {
      'max-lines': ['error', 220],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'jsdoc/require-jsdoc': 'off',
      // The text describes parameters and results. A tag for each would only repeat the names.
      'jsdoc/require-param': 'off',
      'jsdoc/require-returns': 'off',
      'jsdoc/require-yields': 'off',
      'jsdoc/require-throws-type': 'off',
      'jsdoc/check-param-names': ['error', { disableMissingParamChecks: true, checkDestructured: false }],
      'jsdoc/tag-lines': ['error', 'any', { startLines: 1 }],
      'no-restricted-syntax': ['error', SYNTAX.dynamicImport, SYNTAX.reExport],
    },
  },
  {
    // In other folders, `npm run check` requires a docstring for each export of the package.
    files: ['operators/*.ts'],
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: { esm: true, cjs: false, window: false },
          require: { ClassDeclaration: true, FunctionDeclaration: true },
          contexts: ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration'],
          exemptOverloadedImplementations: true,
          skipInterveningOverloadedDeclarations: true,
          enableFixer: false,
        },
      ],
    },
  },
  ...Object.keys(LAYERS).map((layer) => ({
    files: [filesOf(layer)],
    rules: { [RESTRICTED_IMPORTS]: restrictedImports(layer) },
  })),
  {
    files: ['operators/**/*.ts'],
    // `operate` has one source and one subscriber. These files have several sources or several subscribers.
    ignores: ['operators/shared/fanOut.ts', 'operators/shared/inputs.ts'],
    rules: {
      'no-restricted-syntax': ['error', SYNTAX.dynamicImport, SYNTAX.reExport, SYNTAX.newObservable],
    },
  },
  {
    // A command loads only its own code. `test/house/layers.test.ts` also follows these imports.
    files: [DYNAMIC_IMPORTS],
    rules: { 'no-restricted-syntax': ['error', SYNTAX.reExport] },
  },
  {
    files: ENTRIES,
    rules: {
      'no-restricted-syntax': ['error', SYNTAX.entry],
      // The API reference uses `@module` for the names of the entry points.
      'jsdoc/check-tag-names': 'off',
    },
  },
  {
    files: RXJS_INTERNALS,
    rules: {
      [RESTRICTED_IMPORTS]: restrictedImports('demand', { subscriber: true }),
      'no-restricted-syntax': ['error', SYNTAX.dynamicImport, SYNTAX.reExport],
    },
  },
);
