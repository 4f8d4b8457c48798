#!/usr/bin/env node
import { createRequire } from 'node:module';
import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../core/errors.js';
import { printable } from '../core/printable.js';
import { addInspectCommand } from './inspect.js';
import { addLocalCommand } from './local.js';
import { addRunCommand } from './run.js';

const USAGE_EXIT_CODE = 2;

const { version } = createRequire(import.meta.url)('millrace/package.json') as { version: string };

const program = new Command('millrace')
  .description('SageMaker Pipe mode for Node')
  .version(version)
  .option('--verbose', 'tell more, and show the stack of an error')
  .showHelpAfterError('See millrace --help.')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'millrace: ')) });

addInspectCommand(program);
addLocalCommand(program);
addRunCommand(program);

// A terminal that was closed, or `head`, must not end the process before it has cleaned up.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Prints what went wrong and gives the exit code. Commander has printed its own errors already. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const text = program.opts()['verbose'] === true ? (stack ?? message) : message;
  process.stderr.write(`millrace: ${printable(text)}\n`);
  return error instanceof ConfigError ? USAGE_EXIT_CODE : 1;
}
