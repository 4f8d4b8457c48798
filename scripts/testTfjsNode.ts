/** Runs the tests of `millrace/tfjs` and the digits demo on `@tensorflow/tfjs-node`. Builds tfjs-node if necessary. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { env, execPath } from 'node:process';
import { Command } from 'commander';
import { buildTfjsNode, defaultFolder, TfjsNodeUnavailable } from './tfjsNode/buildTfjsNode.js';

const TESTS = ['test/tfjs', 'test/examples/digits'];

const program = new Command('testTfjsNode')
  .description('Runs the tests of millrace/tfjs and of the demo on @tensorflow/tfjs-node.')
  .argument('[jest...]', 'options for jest')
  .option('--folder <path>', 'the folder that keeps the built tfjs-node', defaultFolder())
  .option('--if-possible', 'if it cannot be built here, print the reason in one line and succeed', false)
  .allowUnknownOption()
  .parse();
const { folder, ifPossible } = program.opts<{ folder: string; ifPossible: boolean }>();

try {
  const nodeModules = await buildTfjsNode(folder);
  process.exitCode = runJest(nodeModules, program.args);
} catch (error) {
  if (!(error instanceof TfjsNodeUnavailable)) throw error;
  console.log(`The tests of millrace/tfjs were not run on @tensorflow/tfjs-node: ${error.message}.`);
  process.exitCode = ifPossible ? 0 : 1;
}

function runJest(nodeModules: string, args: readonly string[]): number {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const hook = new URL('tfjsNode/resolveFromNodePath.js', import.meta.url).href;
  const { status } = spawnSync(execPath, [jest, ...TESTS, ...args], {
    stdio: 'inherit',
    env: {
      ...env,
      NODE_PATH: nodeModules,
      NODE_OPTIONS: `${env['NODE_OPTIONS'] ?? ''} --disable-warning=ExperimentalWarning --import=${hook}`,
      TFJS_BACKEND: 'tensorflow',
      // The demo's test expects no output on stderr.
      TF_CPP_MIN_LOG_LEVEL: '2',
      TF_ENABLE_ONEDNN_OPTS: '0',
    },
  });
  return status ?? 1;
}
