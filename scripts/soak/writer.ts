import { once } from 'node:events';
import process from 'node:process';
import { offerEpochs } from '../../src/agent/pipes/offerEpochs.js';
import { trackWork } from '../../src/agent/trackWork.js';
import { resolveDirectories } from '../../src/sagemaker/directories.js';
import { epochBytesOf } from './epochBytes.js';
import { CHANNELS } from './epochPlan.js';

/** Serves the epochs of both channels until standard input ends. */
const [baseDir = '', seed = ''] = process.argv.slice(2);
const { pipeDir } = resolveDirectories({ baseDir });
const work = trackWork((error) => {
  console.error(error);
  process.exitCode = 1;
  process.stdin.destroy();
});
for (const [index, name] of CHANNELS.entries()) {
  const channel = {
    host: 'algo-1',
    name,
    epochBytes: epochBytesOf(Number(seed), index),
    faultsOf: () => ({ ofBytes: [], ofFifo: undefined }),
  };
  await offerEpochs(channel, { ...work, pipeDir, onEpoch: () => undefined });
}
process.stdout.write('ready\n');
await once(process.stdin.resume(), 'close');
await work.stop();
