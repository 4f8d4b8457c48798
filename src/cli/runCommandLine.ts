import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../base/errors.js';
import { addCommands } from './addCommands.js';
import { errorPrefix, reportError } from './reportError.js';
import { reportWarnings } from './reportWarnings.js';

const USAGE_EXIT_CODE = 2;

const require = createRequire(import.meta.url);
const { version } = require('millrace/package.json') as { version: string };

const FIRST_STEPS = `Millrace feeds training loops in Node.js from files, buckets and SageMaker Pipe mode.

  millrace init iris --data iris.csv --label species  write a training script for your data
  millrace inspect 'data/*.tfrecord'                  show the content of data, and code that reads it
  millrace local job.json -- node train.js            run a SageMaker training job on this machine
  millrace run pipeline.json --head 3                 run a pipeline that is declared as JSON
  millrace doctor                                     find out what is missing on this machine
  millrace --help                                     list all commands

Documentation: `;

export async function runCommandLine(): Promise<void> {
  // If the terminal or pipe is closed, this process must still clean up.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  if (process.argv.length <= 2) {
    process.stdout.write(`${FIRST_STEPS}${join(dirname(require.resolve('millrace/package.json')), 'README.md')}\n`);
    return;
  }
  const json = hasJsonFlag(process.argv.slice(2));
  reportWarnings(json);
  const styleTitle = (text: string): string => styleText('bold', text, { validateStream: false });
  const program = new Command('millrace')
    .description('SageMaker Pipe mode for Node.js')
    .version(version)
    .option('--verbose', 'print more details, and the stack traces of errors')
    .showHelpAfterError('See millrace --help.')
    .exitOverride()
    // Commander removes the styles if the output has no colours, NO_COLOR is set, or FORCE_COLOR is 0.
    .configureHelp({ showGlobalOptions: true, styleTitle })
    .configureOutput({
      ...(json && { writeErr: () => undefined }),
      outputError: (text, write) => write(text.replace(/^error:/, errorPrefix())),
    });

  addCommands(program);

  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error, { json, verbose: program.opts()['verbose'] === true });
  }
}

/**
 * The words after `--` belong to the command that trains. Does not use the parsed words, because errors in the words
 * are also reported as JSON.
 */
function hasJsonFlag(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? undefined : end).includes('--json');
}

/** Commander prints its own errors as text. */
function report(error: unknown, flags: { readonly json: boolean; readonly verbose: boolean }): number {
  if (!(error instanceof CommanderError)) {
    reportError(error, flags);
    return error instanceof ConfigError ? USAGE_EXIT_CODE : 1;
  }
  if (error.exitCode === 0) return 0;
  if (flags.json) reportError(new ConfigError(error.message.replace(/^error: /, ''), { path: '' }), { json: true });
  return USAGE_EXIT_CODE;
}
