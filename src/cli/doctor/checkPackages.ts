import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Check } from './checkMachine.js';

const ALL = 'all of Millrace';

const NEEDED_FOR: Readonly<Record<string, string>> = {
  'Node.js': ALL,
  zod: ALL,
  rxjs: ALL,
  '@node-rs/crc32': 'fast checksums of TFRecord',
  '@tensorflow/tfjs': 'millrace/tfjs (backend cpu)',
  '@tensorflow/tfjs-backend-wasm': 'the backend wasm of tfjs',
  '@tensorflow/tfjs-node': 'the native backend of tfjs',
  sharp: 'decodeImage',
  '@aws-sdk/client-s3': 'millrace/s3, --store s3 and s3:// URLs',
  '@nats-io/transport-node': 'millrace/nats and millrace work',
  '@nats-io/jetstream': 'millrace/nats and millrace work',
  hyparquet: 'Parquet files',
  'hyparquet-compressors': 'Parquet files with a compression other than Snappy',
  'onnxruntime-node': 'millrace/onnx',
};

/** These packages may be installed without a build for this machine. */
const NATIVE: readonly string[] = ['@node-rs/crc32', '@tensorflow/tfjs-node', 'sharp', 'onnxruntime-node'];

type Ranges = Readonly<Record<string, string>>;

interface Manifest {
  readonly version: string;
  readonly engines: Ranges;
  readonly dependencies: Ranges;
  readonly optionalDependencies: Ranges;
  readonly peerDependencies: Ranges;
}

/** Checks Node.js and the packages that a module of Millrace would load. */
export function checkPackages(moduleUrl: string, node = process.versions.node): readonly Check[] {
  const require = createRequire(moduleUrl);
  const own = require('millrace/package.json') as Manifest;
  const ranges = { ...own.peerDependencies, ...own.optionalDependencies, ...own.dependencies };
  const folder = dirname(fileURLToPath(moduleUrl));
  return Object.entries(NEEDED_FOR).map(([name, neededFor]) => {
    const isNode = name === 'Node.js';
    const range = isNode ? own.engines['node'] : ranges[name];
    const version = isNode ? node : versionOf(name, folder);
    const problem =
      version && (problemOf(version, range) ?? (NATIVE.includes(name) ? problemOfLoading(require, name) : undefined));
    return {
      name,
      found: version === undefined ? null : `${version}${problem ?? ''}`,
      isOk: version !== undefined && problem === undefined,
      ...(neededFor === ALL && { isRequired: true }),
      neededFor,
      remedy: isNode
        ? 'install Node.js from https://nodejs.org'
        : `npm install ${range === undefined ? name : `"${name}@${range}"`}`,
    };
  });
}

/** Reads the files of the package, because its `exports` may hide its package.json. */
function versionOf(name: string, folder: string): string | undefined {
  try {
    const text = readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8');
    return (JSON.parse(text) as Manifest).version;
  } catch {
    const parent = dirname(folder);
    return parent === folder ? undefined : versionOf(name, parent);
  }
}

/** Returns why a version is not in a range. Supports these ranges: `>=a.b` and `^a.b.c`. */
function problemOf(version: string, range = ''): string | undefined {
  const [found, expected] = [version, range.replace(/^\D+/, '')].map((text) => text.split('.').map(parseFloat));
  const different = expected?.findIndex((number, i) => number !== found?.[i]) ?? -1;
  const isEarlier = (found?.[different] ?? 0) < (expected?.[different] ?? 0);
  // Before 1.0.0, a new minor version may break its users.
  const isBreaking = range.startsWith('^') && different <= (expected?.findIndex((number) => number > 0) ?? 0);
  return different < 0 || !(isEarlier || isBreaking) ? undefined : `, but Millrace needs ${range}`;
}

function problemOfLoading(require: NodeJS.Require, name: string): string | undefined {
  try {
    require(name);
    return undefined;
  } catch (error) {
    return `, but it cannot be loaded: ${(error as Error).message.trim().split('\n')[0]}`;
  }
}
