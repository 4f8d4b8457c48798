import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ConfigError } from '../../base/errors.js';
import { readJson } from '../../base/readJson.js';

export interface WorkerModule {
  readonly url: string;
  /** The module that registers a TypeScript loader in the worker, if needed. */
  readonly typescriptLoader: string | undefined;
}

const TYPESCRIPT = /\.[cm]?tsx?$/;

/**
 * Finds the file of a module and its loader, because a worker does not inherit loaders. Under `tsx`, `./pipeline.js`
 * means `pipeline.ts` if only that file exists.
 *
 * @throws ConfigError for a TypeScript module if neither `tsx` nor Node's type stripping is available.
 */
export function workerModule(module: URL, name: string): WorkerModule {
  const source = sourceOf(module);
  const isTypeScript = TYPESCRIPT.test(source.pathname);
  const isOwnTypeScript = TYPESCRIPT.test(new URL(import.meta.url).pathname);
  if (!isTypeScript && !isOwnTypeScript && !runsUnderTsx()) return { url: source.href, typescriptLoader: undefined };
  const typescriptLoader = resolveTsx(source) ?? resolveTsx(new URL(import.meta.url));
  if (isTypeScript && typescriptLoader === undefined && !stripsTypes()) {
    throw new ConfigError(
      `${name}: ${fileURLToPath(source)} is TypeScript, and this Node ${process.version} can load it only with tsx: ` +
        'run npm install --save-dev tsx, or compile the file and pass the URL of the JavaScript file.',
      { path: 'module' },
    );
  }
  return { url: source.href, typescriptLoader };
}

export function siblingUrl(base: string, name: string): URL {
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

/** Finds the ESM part of tsx's API. `require` finds only the CommonJS part, which does not work in workers. */
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
