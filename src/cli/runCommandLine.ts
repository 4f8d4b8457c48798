import { createRequire } from 'node:module';
import process from 'node:process';
import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { ConfigError, FormatError, MillraceError, type MillraceErrorCode } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { addCommands } from './addCommands.js';

const USAGE_EXIT_CODE = 2;

/** The messages of these errors contain the messages of their causes. */
const SAYS_ITS_CAUSE: ReadonlySet<MillraceErrorCode> = new Set(['ERR_CONFIG', 'ERR_OUTPUT', 'ERR_PLATFORM']);

const MAX_CAUSES = 8;

const { version } = createRequire(import.meta.url)('millrace/package.json') as { version: string };

/** Runs the command of `process.argv`, and sets the exit code. */
export async function runCommandLine(): Promise<void> {
  const program = new Command('millrace')
    .description('SageMaker Pipe mode for Node.js')
    .version(version)
    .option('--verbose', 'print more details, and the stack traces of errors')
    .showHelpAfterError('See millrace --help.')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'millrace: ')) });

  addCommands(program);

  // If the terminal or pipe is closed, this process must still clean up.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);

  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error, program.opts()['verbose'] === true);
  }
}

/** Commander prints its own errors. */
function report(error: unknown, isVerbose: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
  const text = isVerbose && error instanceof Error ? (error.stack ?? '') : messagesOf(error).join('\n  caused by: ');
  process.stderr.write(printable(`millrace: ${text}\n`));
  return error instanceof ConfigError ? USAGE_EXIT_CODE : 1;
}

/** Omits a cause if an earlier message contains it. */
function messagesOf(error: unknown): string[] {
  const messages: string[] = [];
  let at = error;
  // Causes may be circular.
  for (let depth = 0; depth < MAX_CAUSES && at !== undefined; depth++) {
    const { message, cause } = at instanceof Error ? at : new Error(inspect(at));
    const reason = at instanceof FormatError ? at.reason : message;
    if (!messages.some((earlier) => earlier.includes(reason))) messages.push(message);
    at = at instanceof MillraceError && SAYS_ITS_CAUSE.has(at.code) ? undefined : cause;
  }
  return messages;
}
