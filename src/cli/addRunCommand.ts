import { InvalidArgumentError, type Command } from 'commander';
import type { RunFlags, runPipeline } from './runPipeline.js';

const HELP = `
In a SageMaker container, it reads the channels of the training job. On your machine, run it in a local job:

  millrace local job.json -- millrace run pipeline.json --head 3`;

/** Adds `millrace run`, which runs a declared pipeline. `load` imports its work. */
export function addRunCommand(program: Command, load: () => Promise<typeof runPipeline>): void {
  program
    .command('run')
    .description('run a pipeline that is declared as JSON, count its items, and name the bottleneck')
    .argument('<pipeline.json>', 'the pipeline')
    .option('--head <n>', 'show the first items, as inspect does, and stop', parseCount)
    .option('--to <file>', 'write the items as lines of JSON; - is standard output')
    .option('--report', 'print at the end how long each stage waited, and the items that it held', false)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', HELP)
    .action(async (path: string, flags: RunFlags) => (await load())(path, flags));
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('Expected a positive integer.');
}
