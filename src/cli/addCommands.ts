import type { Command } from 'commander';
import { addCompletionCommand } from './addCompletionCommand.js';
import { addDoctorCommand } from './addDoctorCommand.js';
import { addIndexCommand } from './addIndexCommand.js';
import { addInitCommand } from './init/addInitCommand.js';
import { addInspectCommand } from './inspect/addInspectCommand.js';
import { addLocalCommand } from './addLocalCommand.js';
import { addRunCommand } from './addRunCommand.js';
import { addWorkCommand } from './addWorkCommand.js';

/**
 * Each command imports its implementation when it runs, so `millrace --help` loads neither RxJS nor zod nor codecs.
 *
 * Only this file may import files of the project dynamically (see `eslint.config.js`).
 */
export function addCommands(program: Command): void {
  addInitCommand(program, async () => (await import('./init/initProject.js')).initProject);
  addIndexCommand(program, async () => (await import('./runIndex.js')).runIndex);
  addInspectCommand(program, async () => (await import('./inspect/inspectInputs.js')).inspectInputs);
  addLocalCommand(program, {
    runLocal: async () => (await import('./runLocal.js')).runLocal,
    commandStore: async () => (await import('./commandStores.js')).commandStore,
    watchCommand: async () => (await import('./watchCommand.js')).watchCommand,
    startLocalHelpers: async () => (await import('./localHelpers.js')).startLocalHelpers,
  });
  addRunCommand(program, async () => (await import('./runPipeline.js')).runPipeline);
  addWorkCommand(program, async () => (await import('./runWork.js')).runWork);
  addDoctorCommand(program, async () => (await import('./doctor/doctor.js')).doctor);
  addCompletionCommand(program, async () => (await import('./completionScript.js')).completionScript);
}
