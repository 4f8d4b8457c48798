import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { arch, env, execPath, platform } from 'node:process';
import { promisify } from 'node:util';

const TFJS_NODE = '4.22.0';

/**
 * tfjs-node requires TensorFlow 2.9.1, but the wheel of 2.9.1 does not contain the C library. All 84 tests of
 * `millrace/tfjs` passed with this version.
 */
const TENSORFLOW = '2.21.0';

/** The options of pip that select the wheel, independent of the Python version. */
const WHEEL = [
  ...['--no-deps', '--only-binary=:all:', '--platform', 'manylinux_2_27_x86_64'],
  ...['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', `tensorflow-cpu==${TENSORFLOW}`],
];

/** Unpacks a sixth of the wheel's files: the libraries and the headers of the C API. */
const UNPACK = `
import sys, zipfile
wanted = ('tensorflow/libtensorflow', 'tensorflow/include/tensorflow/c/', 'tensorflow/include/tensorflow/core/platform/',
          'tensorflow/include/tsl/platform/', 'tensorflow/include/xla/tsl/c/')
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith(wanted)])
`;

const STEP_TIMEOUT_MS = 600_000;

/** The error if the build is not possible on this machine. Its message has one line. */
export class TfjsNodeUnavailable extends Error {}

export function defaultFolder(): string {
  const cache = env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'millrace', `tfjs-node-${TFJS_NODE}-tensorflow-${TENSORFLOW}`);
}

/**
 * Builds `@tensorflow/tfjs-node` with the libraries of TensorFlow's wheel. tfjs-node's installer would download the
 * libraries from a host that many networks cannot reach. Does nothing if the folder is complete.
 *
 * @returns the folder `node_modules` that contains `@tensorflow/tfjs-node`.
 * @throws TfjsNodeUnavailable if the build is not possible on this machine.
 */
export async function buildTfjsNode(folder: string): Promise<string> {
  const installed = join(folder, 'node_modules');
  if (existsSync(installed)) return installed;
  await checkPrerequisites();
  const unfinished = `${folder}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  try {
    await build(unfinished);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return installed;
}

async function checkPrerequisites(): Promise<void> {
  if (platform !== 'linux' || arch !== 'x64') {
    throw new TfjsNodeUnavailable(`${platform} on ${arch}: the pinned wheel is for linux on x64`);
  }
  for (const [command, ...args] of [['npm'], ['python3', '-m', 'pip'], ['make'], ['g++']] as const) {
    await run(command, [...args, '--version'], '/').catch(() => {
      throw new TfjsNodeUnavailable(`${[command, ...args].join(' ')} is missing`);
    });
  }
}

async function build(folder: string): Promise<void> {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=1'];
  const downloads = [
    run('npm', ['install', ...quiet, `@tensorflow/tfjs-node@${TFJS_NODE}`], folder),
    run('python3', ['-m', 'pip', 'download', '--quiet', '--retries=1', '--dest', 'wheel', ...WHEEL], folder),
  ];
  // Waits for both downloads. If one fails, the folder is removed, and the other download must not write to it.
  await Promise.allSettled(downloads);
  await Promise.all(downloads);

  const [wheel = ''] = readdirSync(join(folder, 'wheel'));
  await run('python3', ['-c', UNPACK, join('wheel', wheel), '.'], folder);
  rmSync(join(folder, 'wheel'), { recursive: true });

  const addon = join(folder, 'node_modules/@tensorflow/tfjs-node');
  linkLibraries(addon);
  await run(join(folder, 'node_modules/.bin/node-pre-gyp'), ['rebuild'], addon, headersBesideNode());
}

function linkLibraries(addon: string): void {
  const tensorflow = '../../../../../tensorflow';
  mkdirSync(join(addon, 'deps/lib'), { recursive: true });
  symlinkSync('../../../../tensorflow/include', join(addon, 'deps/include'));
  for (const [name, library] of [
    ['tensorflow', 'libtensorflow_cc.so.2'],
    ['tensorflow_framework', 'libtensorflow_framework.so.2'],
  ] as const) {
    symlinkSync(`${tensorflow}/${library}`, join(addon, 'deps/lib', library));
    symlinkSync(library, join(addon, `deps/lib/lib${name}.so`));
  }
}

/**
 * The variable with the path of this machine's Node.js headers. Without the variable, node-gyp downloads the headers.
 */
function headersBesideNode(): NodeJS.ProcessEnv {
  const root = dirname(dirname(execPath));
  return existsSync(join(root, 'include/node/node_api.h')) ? { npm_config_nodedir: root } : {};
}

async function run(command: string, args: readonly string[], cwd: string, variables = {}): Promise<void> {
  const options = { cwd, env: { ...env, ...variables }, timeout: STEP_TIMEOUT_MS, maxBuffer: 2 ** 26 };
  try {
    await promisify(execFile)(command, args, options);
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const [reason = ''] = stderr?.match(/^.*(?:error|ERR).*$/im) ?? message.split('\n');
    throw new TfjsNodeUnavailable(`${[command, ...args.slice(0, 3)].join(' ')} failed: ${reason.trim()}`);
  }
}
