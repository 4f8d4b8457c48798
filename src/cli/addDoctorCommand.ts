import type { Command } from 'commander';
import type { doctor, DoctorFlags } from './doctor/doctor.js';

const HELP = `
Packages are searched above Millrace's own folder. The exit code is 1 if something is missing that all of Millrace needs.`;

export function addDoctorCommand(program: Command, load: () => Promise<typeof doctor>): void {
  program
    .command('doctor')
    .description('check this machine: find missing programs and packages, and show how to install them')
    .option('--json', 'print one JSON object')
    .option('--quiet', 'print only what is missing')
    .addHelpText('after', HELP)
    .action(async (flags: DoctorFlags) => (await load())(flags));
}
