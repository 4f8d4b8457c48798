import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import jsdoc from 'eslint-plugin-jsdoc';
import rxjsX from 'eslint-plugin-rxjs-x';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/**
 * The layers, lowest first, with the layers that each may import besides itself. Arrows point down only: what a row does
 * not name is forbidden to it. `test/house/lint.test.ts` proves every pair, and `test/house/layers.test.ts` the real files.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const LAYERS = {
  base: [],
  arrays: ['base'],
  formats: ['base', 'arrays'],
  passes: ['base'],
  demand: ['base', 'passes'],
  consumers: ['base', 'demand'],
  report: ['base', 'demand'],
  resume: ['base', 'demand'],
  workers: ['base', 'arrays', 'demand'],
  'operators/shared': ['base', 'arrays', 'passes', 'demand', 'resume'],
  operators: ['base', 'arrays', 'formats', 'demand', 'report', 'resume', 'workers', 'operators/shared'],
  sagemaker: ['base'],
  stores: ['base', 'demand'],
  s3: ['base', 'stores'],
  sources: ['base', 'passes', 'demand', 'resume', 'workers', 'sagemaker'],
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
    'stores',
    'sources',
    'sinks',
    'pipeline',
  ],
  tfjs: ['base', 'arrays', 'formats', 'demand', 'consumers', 'resume', 'operators', 'sagemaker', 'sources'],
  agent: ['base', 'arrays', 'formats', 'demand', 'operators', 'sagemaker', 'stores', 'sources'],
  testing: ['base', 'arrays', 'formats', 'demand', 'operators', 'sagemaker', 'sources'],
  cli: [
    'base',
    'arrays',
    'formats',
    'demand',
    'consumers',
    'report',
    'operators',
    'stores',
    's3',
    'sinks',
    'sources',
    'pipeline',
    'agent',
  ],
};

/** The files of a layer: a folder of `src`, save for the entry `src/index.ts` and the operators at the top level. */
function filesOf(layer) {
  if (layer === 'index') return 'src/index.ts';
  if (layer === 'operators') return 'operators/*.ts';
  return layer === 'operators/shared' ? 'operators/shared/*.ts' : `src/${layer}/**/*.ts`;
}

/** Entry points, the only files that may re-export. */
const ENTRIES = ['src/index.ts', 'operators/index.ts', 'src/{formats,tfjs,agent,testing,s3}/index.ts'];

/**
 * The only files that may touch what RxJS calls internal and marks as deprecated: `new Subscriber()` and its
 * `destination`. Elsewhere `no-deprecated` reports them.
 */
const RXJS_INTERNALS = ['src/demand/operate.ts', 'src/demand/carried.ts'];

/** The only file that may import files of the project with `import()`. */
const DYNAMIC_IMPORTS = 'src/cli/addCommands.ts';

/** What a file of this layer may not import. The patterns look at the specifier alone, so nothing has to resolve. */
function restrictedImports(layer, { subscriber = false } = {}) {
  const allowed = LAYERS[layer];
  const forbidden = Object.keys(LAYERS).filter((other) => other !== layer && !allowed.includes(other));
  const patterns = [
    { regex: '^millrace(/|$)|^\\..*/index\\.js$', message: 'Import the file itself, not an entry point.' },
  ];
  if (forbidden.length > 0) {
    const message = `Arrows point down: ${layer} imports ${allowed.join(', ') || 'no other layer'} (LAYERS in eslint.config.js).`;
    // A file of `operators` is named by its path, and so is one of `operators/shared`, which is another layer.
    const names = forbidden.map((other) => (other === 'operators' ? 'operators/(?!shared/)' : `${other}/`));
    patterns.push({ regex: `^\\..*/(${names.join('|')})`, message });
  }
  if (layer === 'operators/shared')
    patterns.push({ regex: '^\\.\\./\\w+\\.js$', message: 'Arrows point down: no operator is imported here.' });
  if (layer === 'formats') patterns.push({ regex: '^rxjs(/|$)', message: 'Codecs know bytes and nothing of RxJS.' });
  const paths = [{ name: 'rxjs', importNames: ['Subscriber'], allowTypeImports: true, message: 'Build on operate().' }];
  return ['error', { patterns, paths: subscriber ? [] : paths }];
}

const SYNTAX = {
  defaultExport: { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  dynamicImport: {
    selector: 'ImportExpression[source.value=/^\\./]',
    message: 'Import our own files statically: the layers are checked there.',
  },
  reExport: {
    selector: 'ExportAllDeclaration, ExportNamedDeclaration[source]',
    message: 'Only entry points re-export. Import it where it is defined.',
  },
  entry: {
    selector: 'Program > :not(ExportAllDeclaration, ExportNamedDeclaration[source])',
    message: 'An entry point holds re-exports only.',
  },
  newObservable: {
    selector: 'NewExpression[callee.name="Observable"]',
    message: 'Nothing links such an operator to its subscriber. Build on operate().',
  },
};

const IN_EVERY_FILE = [SYNTAX.defaultExport, SYNTAX.dynamicImport];

const RESTRICTED_IMPORTS = '@typescript-eslint/no-restricted-imports';

export default defineConfig(
  globalIgnores(['dist', 'docs/.vitepress/dist', 'coverage', 'test/fixtures', '**/*.d.ts']),
  {
    files: ['**/*.{js,ts}'],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: 'tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      // What a source fails with is passed on as it is, whatever it is.
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Re-entrant code asks a flag again after every call; the rule believes that nothing can have changed it.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // tfjs asks for the shape of a Dataset, not for an instance of the class, and takes plain numbers for its enums.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      // It would turn `array[i] as number` into `array[i]!`, which another rule forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // `process.env['NAME']` is what tsconfig's noPropertyAccessFromIndexSignature would ask for.
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [rxjsX.configs.recommended],
    rules: { 'no-restricted-syntax': ['error', ...IN_EVERY_FILE] },
  },
  {
    files: ['**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: globals.nodeBuiltin },
  },
  {
    files: ['src/**/*.ts', 'operators/**/*.ts'],
    plugins: { 'import-x': importX },
    extends: [importX.flatConfigs.typescript, jsdoc.configs['flat/recommended-typescript-error']],
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver()],
      jsdoc: { tagNamePreference: { template: 'typeParam' } },
    },
    rules: {
      'max-lines': ['error', 220],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      // test/house/layers.test.ts finds circular imports: `no-cycle` would take several seconds more.
      'import-x/no-unresolved': 'error',
      'jsdoc/require-jsdoc': 'off',
      // Prose says what parameters and results are; a tag for each would only repeat their names.
      'jsdoc/require-param': 'off',
      'jsdoc/require-returns': 'off',
      'jsdoc/require-yields': 'off',
      'jsdoc/require-throws-type': 'off',
      'jsdoc/check-param-names': ['error', { disableMissingParamChecks: true, checkDestructured: false }],
      'jsdoc/tag-lines': ['error', 'any', { startLines: 1 }],
      'no-restricted-syntax': ['error', ...IN_EVERY_FILE, SYNTAX.reExport],
    },
  },
  {
    // Names and types document the rest, and `npm run check` asks for a docstring on whatever the package exports.
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
    // `operate` has one source and one subscriber. These have several subscribers, or several sources.
    ignores: ['operators/shared/fanOut.ts', 'operators/shared/inputs.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...IN_EVERY_FILE, SYNTAX.reExport, SYNTAX.newObservable],
    },
  },
  {
    // A command loads only its own work. `test/house/layers.test.ts` follows its imports, too.
    files: [DYNAMIC_IMPORTS],
    rules: { 'no-restricted-syntax': ['error', SYNTAX.defaultExport, SYNTAX.reExport] },
  },
  {
    files: ENTRIES,
    rules: {
      'no-restricted-syntax': ['error', SYNTAX.entry],
      // The API reference names the entries by their `@module`.
      'jsdoc/check-tag-names': 'off',
    },
  },
  {
    files: RXJS_INTERNALS,
    rules: {
      [RESTRICTED_IMPORTS]: restrictedImports('demand', { subscriber: true }),
      'no-restricted-syntax': ['error', ...IN_EVERY_FILE, SYNTAX.reExport],
      '@typescript-eslint/no-deprecated': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Tests throw what is no Error, misuse operators, drive a bare Subscriber, and compare with jest's `expect.any()`.
      'rxjs-x/no-unsafe-takeuntil': 'off',
      'rxjs-x/throw-error': 'off',
      '@typescript-eslint/no-deprecated': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    // Type tests are compiled and never run: what they declare is not used.
    files: ['test/**/*.types.ts'],
    rules: {
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unused-vars': 'off',
    },
  },
);
