import { createRequire } from 'node:module';
import { env } from 'node:process';
import type * as tfjs from '@tensorflow/tfjs';

export type Tf = typeof tfjs;

const { resolve } = createRequire(import.meta.url);

/** The packages to import for each backend. The last one is the namespace `tf`. */
const PACKAGES_OF = {
  cpu: ['@tensorflow/tfjs'],
  wasm: ['@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs'],
  tensorflow: ['@tensorflow/tfjs-node'],
} as const;

type Backend = keyof typeof PACKAGES_OF;

/** The backends of the tests: those of the pure JavaScript packages, or only `$TFJS_BACKEND`. */
export const BACKENDS: readonly Backend[] = (['cpu', 'wasm', 'tensorflow'] as const).filter((backend) =>
  env['TFJS_BACKEND'] === undefined
    ? backend !== 'tensorflow' && PACKAGES_OF[backend].every(isInstalled)
    : backend === env['TFJS_BACKEND'],
);

/** Returns `tf` with this backend. Fails if tfjs silently falls back to another one. */
export async function loadBackend(backend: Backend): Promise<Tf> {
  let tf: Tf | undefined;
  for (const name of PACKAGES_OF[backend]) tf = (await import(name)) as Tf;
  // Otherwise the cpu backend prints a greeting.
  tf?.enableProdMode();
  if (!tf || !(await tf.setBackend(backend)) || tf.getBackend() !== backend) throw new Error(`no backend ${backend}`);
  // Other test files of the process leave models, whose variables have the names of new ones.
  tf.disposeVariables();
  return tf;
}

/** Returns whether a package is installed. */
export function isInstalled(name: string): boolean {
  try {
    return resolve(name) !== '';
  } catch {
    return false;
  }
}
