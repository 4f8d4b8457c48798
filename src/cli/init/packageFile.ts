import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { ImageData, InitData } from './findData.js';

interface Manifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** The packages that read the data. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  images: ['sharp'],
  parquet: ['hyparquet', 'hyparquet-compressors'],
};

/** Returns a package.json. If this command runs in a clone of the repository, the new package depends on the clone. */
export function packageFile(folder: string, kind: (InitData | ImageData)['kind']): string {
  const path = createRequire(import.meta.url).resolve('millrace/package.json');
  const { version, peerDependencies } = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  const tfjs = peerDependencies['@tensorflow/tfjs'] ?? '';
  const rangeOf = (name: string): readonly [string, string] => [name, peerDependencies[name] ?? ''];
  const isInstalled = dirname(path).endsWith('/node_modules/millrace');
  const manifest = {
    name:
      folder
        .toLowerCase()
        .replaceAll(/[^a-z0-9-]+/g, '-')
        .replaceAll(/^-+|-+$/g, '') || 'train',
    version: '1.0.0',
    private: true,
    type: 'module',
    scripts: { start: 'millrace local job.json -- node train.js' },
    dependencies: {
      '@tensorflow/tfjs': tfjs,
      '@tensorflow/tfjs-backend-wasm': tfjs,
      ...Object.fromEntries((PACKAGES[kind] ?? []).map(rangeOf)),
      millrace: isInstalled ? `^${version}` : `file:${dirname(path)}`,
      rxjs: peerDependencies['rxjs'] ?? '',
    },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
