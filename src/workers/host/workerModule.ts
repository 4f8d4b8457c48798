import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ConfigError } from '../../base/errors.js';
import { readJson } from '../../base/readJson.js';

/** A module as a worker can import it. */
export interface WorkerModule {
  readonly url: string;
  /** What registers a loader of TypeScript in the worker first, where it needs one. */
  readonly typescriptLoader: string | undefined;
}

const TYPESCRIPT = /\.[cm]?tsx?$/;

/**
 * Finds out how a worker imports a module: `new Worker()` and `import()` in it know nothing of what the main thread was
 * started with.
 *
 * Under `tsx`, the worker registers it too, and `./pipeline.js` means `pipeline.ts` where only that exists, as it does in
 * an import. Where neither `tsx` nor Node's own type stripping is there, a TypeScript module is refused.
 *
 * @param name - who asks, as messages name it.
 * @throws ConfigError for a TypeScript module that nothing here can load.
 */
export function workerModule(module: URL, name: string): WorkerModule {
  const source = sourceOf(module);
  const isTypeScript = TYPESCRIPT.test(source.pathname);
  const isOwnTypeScript = TYPESCRIPT.test(new URL(import.meta.url).pathname);
  if (!isTypeScript && !isOwnTypeScript && !runsUnderTsx()) return { url: source.href, typescriptLoader: undefined };
  const typescriptLoader = resolveTsx(source) ?? resolveTsx(new URL(import.meta.url));
  if (isTypeScript && typescriptLoader === undefined && !stripsTypes()) {
    throw new ConfigError(
      `${name}: ${fileURLToPath(source)} is TypeScript, and this Node ${process.version} can load it only through tsx: ` +
        'npm install --save-dev tsx, or compile it and give the URL of the JavaScript.',
      { path: 'module' },
    );
  }
  return { url: source.href, typescriptLoader };
}

/** A URL of a file of ours beside another, whichever of TypeScript and JavaScript that one is. */
export function besideOf(base: string, name: string): URL {
  return new URL(`./${name}${base.endsWith('.ts') ? '.ts' : '.js'}`, base);
}

function sourceOf(module: URL): URL {
  if (module.protocol !== 'file:' || existsSync(module)) return module;
  const source = new URL(module);
  source.pathname = source.pathname.replace(/\.([cm]?)js$/, '.$1ts');
  return existsSync(source) ? source : module;
}

function runsUnderTsx(): boolean {
  return [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((argument) => /\btsx\b/.test(argument));
}

function stripsTypes(): boolean {
  const { typescript } = process.features as { readonly typescript?: unknown };
  return typescript !== undefined && typescript !== false;
}

/** Where the ESM half of tsx's API stands: `require` finds only the other half, which works in no worker. */
function resolveTsx(from: URL): string | undefined {
  try {
    const manifest = createRequire(from).resolve('tsx/package.json');
    const { exports } = readJson(manifest) as TsxManifest;
    return new URL(exports['./esm/api'].import.default, pathToFileURL(manifest)).href;
  } catch {
    return undefined;
  }
}

interface TsxManifest {
  readonly exports: { readonly './esm/api': { readonly import: { readonly default: string } } };
}
