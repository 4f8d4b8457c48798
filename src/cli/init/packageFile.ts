import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { ownSpec } from './ownSpec.js';
import type { InitData } from './findData.js';
import type { ImageData } from './findImages.js';

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

export interface PackageFile {
  readonly text: string;
  /** The remedy if npm does not find this package. `undefined` if npm certainly finds the package. */
  readonly hint: string | undefined;
}

/** Returns a package.json that depends on this package. npm gets this package from the source in `ownSpec`. */
export function packageFile(folder: string, kind: (InitData | ImageData)['kind']): PackageFile {
  const path = createRequire(import.meta.url).resolve('millrace/package.json');
  const { version, peerDependencies } = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  const own = ownSpec(dirname(path), version);
  const tfjs = peerDependencies['@tensorflow/tfjs'] ?? '';
  const rangeOf = (name: string): readonly [string, string] => [name, peerDependencies[name] ?? ''];
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
      millrace: own.spec,
      rxjs: peerDependencies['rxjs'] ?? '',
    },
  };
  const hint = `If npm does not find millrace ${own.spec}, first run npm install with the path or URL of its package.`;
  return { text: `${JSON.stringify(manifest, null, 2)}\n`, hint: own.isKnown ? undefined : hint };
}
