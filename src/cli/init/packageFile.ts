import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

interface Manifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** Returns a package.json. If this command runs in a clone of the repository, the new package depends on the clone. */
export function packageFile(folder: string): string {
  const path = createRequire(import.meta.url).resolve('millrace/package.json');
  const { version, peerDependencies } = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  const tfjs = peerDependencies['@tensorflow/tfjs'] ?? '';
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
      millrace: isInstalled ? `^${version}` : `file:${dirname(path)}`,
      rxjs: peerDependencies['rxjs'] ?? '',
    },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
