import type { Command } from 'commander';
import { addInspectCommand } from './inspect/addInspectCommand.js';
import { addLocalCommand } from './addLocalCommand.js';
import { addRunCommand } from './addRunCommand.js';

/**
 * Adds the commands. Each declares its options when `millrace` starts, and imports its work when it runs, so
 * `millrace --help` loads neither RxJS nor zod nor codecs, and a command does not load the work of the others.
 *
 * Only this file may import files of the project dynamically (see `eslint.config.js`). The layers hold here, too.
 */
export function addCommands(program: Command): void {
  addInspectCommand(program, async () => (await import('./inspect/inspectInputs.js')).inspectInputs);
  addLocalCommand(program, async () => (await import('./runLocal.js')).runLocal);
  addRunCommand(program, async () => (await import('./runPipeline.js')).runPipeline);
}
