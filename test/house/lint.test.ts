import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { ESLint } from 'eslint';
import { LAYERS } from '../../eslint.config.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

/** Rules that need only the text of a file, so the file need not exist. */
const SYNTACTIC = ['@typescript-eslint/no-restricted-imports', 'no-restricted-syntax'];

const newFolder = temporaryFolders();

const withoutTypes = { overrideConfig: { languageOptions: { parserOptions: { project: false } } } };
const eslint = new ESLint({ ...withoutTypes, ruleFilter: ({ ruleId }) => SYNTACTIC.includes(ruleId) });

async function report(filePath: string, code: string, linter = eslint): Promise<string[]> {
  const [result] = await linter.lintText(code, { filePath });
  return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId ?? 'fatal'}: ${message}`);
}

const fileIn = (layer: string): string => {
  if (layer === 'index') return 'src/index.ts';
  return layer.startsWith('operators') ? `${layer}/some.ts` : `src/${layer}/some.ts`;
};

/** Returns the specifier by which a file of `from` imports a file of `to`. */
const specifier = (from: string, to: string): string => {
  const target = to.startsWith('operators') ? `${to}/other.js` : `src/${to}/other.js`;
  const path = relative(dirname(fileIn(from)), target);
  return path.startsWith('.') ? path : `./${path}`;
};

describe('the layers', () => {
  const names = Object.keys(LAYERS);

  it.each(names)('let %s import only the listed layers', async (from) => {
    for (const to of names) {
      if (to === from || to === 'index') continue;
      const messages = await report(fileIn(from), `import { thing } from '${specifier(from, to)}';\n`);
      const upward = messages.filter((message) => message.includes('Layers: '));
      expect({ from, to, reports: upward.length }).toEqual({ from, to, reports: LAYERS[from]?.includes(to) ? 0 : 1 });
    }
  });

  it('are ordered, so that no two can import each other', () => {
    for (const [index, name] of names.entries()) {
      for (const allowed of LAYERS[name] ?? []) expect(names.indexOf(allowed)).toBeLessThan(index);
    }
  });

  it('hold for imports of types and for files in subfolders', async () => {
    const code = `import type { Thing } from '../../agent/other.js';\nexport const thing: Thing = {};\n`;
    expect(await report('src/base/below/some.ts', code)).toEqual([expect.stringContaining('Layers: ')]);
  });
});

describe('the lint rules', () => {
  const violations = [
    ['src/formats/some.ts', `import { map } from 'rxjs';`, 'Codecs may not use RxJS'],
    ['src/base/some.ts', `import { Subscriber } from 'rxjs';`, 'Use operate()'],
    ['operators/some.ts', `import { Subscriber } from 'rxjs';`, 'Use operate()'],
    ['operators/some.ts', `export const some = new Observable();`, 'Use operate()'],
    ['operators/some.ts', `import { batch } from 'millrace/operators';`, 'not an entry point'],
    ['src/tfjs/some.ts', `import { batch } from '../../operators/index.js';`, 'not an entry point'],
    ['src/base/some.ts', `export * from './errors.js';`, 'Only entry points may re-export'],
    ['src/base/some.ts', `export { warn } from './warn.js';`, 'Only entry points may re-export'],
    ['src/base/some.ts', `export const some = () => import('./warn.js');`, 'Use a static import'],
    ['src/cli/some.ts', `export const some = () => import('./inspect/other.js');`, 'Use a static import'],
    ['src/index.ts', `export const some = 1;`, 'only re-exports'],
    ['operators/index.ts', `import './batch.js';`, 'only re-exports'],
  ] as const;

  it.each(violations)('report in %s: %s', async (filePath, code, message) => {
    expect(await report(filePath, `${code}\n`)).toEqual([expect.stringContaining(message)]);
  });

  const permitted = [
    ['src/demand/operate.ts', `import { Subscriber } from 'rxjs';\nexport const some = new Subscriber().destination;`],
    ['operators/some.ts', `import type { Subscriber } from 'rxjs';\nexport type Some = Subscriber<number>;`],
    ['src/sources/some.ts', `import { Observable } from 'rxjs';\nexport const some = new Observable();`],
    ['src/tfjs/some.ts', `import { batch } from '../../operators/batch.js';\nexport const some = batch;`],
    ['src/cli/addCommands.ts', `export const some = () => import('./inspect/other.js');`],
    ['src/tfjs/index.ts', `export { some } from './some.js';\nexport type * from './types.js';`],
  ] as const;

  it.each(permitted)('permit in %s: %s', async (filePath, code) => {
    expect(await report(filePath, `${code}\n`)).toEqual([]);
  });

  it.each(['function some() {}', 'class Some {}', 'interface Some {}', 'type Some = 1'])(
    'ask for a docstring on: export %s',
    async (declaration) => {
      const docs = new ESLint({ ...withoutTypes, ruleFilter: ({ ruleId }) => ruleId === 'jsdoc/require-jsdoc' });
      const reported = [expect.stringContaining('Missing JSDoc comment')];
      expect(await report('operators/some.ts', `export ${declaration}\n`, docs)).toEqual(reported);
      expect(await report('operators/some.ts', `/** Does it. */\nexport ${declaration}\n`, docs)).toEqual([]);
      expect(await report('operators/some.ts', `${declaration}\n`, docs)).toEqual([]);
    },
  );

  it('find default exports, and what RxJS calls internal', () => {
    const folder = newFolder();
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) copyFileSync(file, join(folder, file));
    const subscriber = `import { Subscriber } from 'rxjs';\nexport const some = new Subscriber();\n`;
    const files = {
      'src/base/warn.ts': subscriber,
      'src/demand/operate.ts': subscriber,
      'test/base/some.ts': 'export default 1;\n',
      'some.config.js': 'export default 1;\n',
    };
    for (const [file, code] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      writeFileSync(join(folder, file), code);
    }
    const { stdout } = spawnSync('node_modules/.bin/oxlint', ['--type-aware', '--format=unix'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout.match(/^\S+\.[jt]s:.*/gm)?.sort()).toEqual([
      expect.stringMatching(/^src\/base\/warn.ts:2:.*`Subscriber` is deprecated/),
      expect.stringMatching(/^test\/base\/some.ts:1:.*no-default-export/),
    ]);
  });
});
