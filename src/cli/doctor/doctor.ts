import { styleText } from 'node:util';
import { checkMachine, type Check } from './checkMachine.js';
import { checkPackages } from './checkPackages.js';

export interface DoctorFlags {
  readonly json?: true;
  readonly quiet?: true;
}

/**
 * Prints what is present and what is missing on this machine. With `quiet`, prints only what is missing. Sets the exit
 * code 1 if Millrace itself does not work.
 */
export async function doctor({ json, quiet }: DoctorFlags): Promise<void> {
  const checks = [...checkPackages(import.meta.url), ...(await checkMachine())];
  const ok = checks.every(({ isOk, isRequired }) => isOk || !isRequired);
  process.stdout.write(json ? `${JSON.stringify({ ok, checks })}\n` : reportOf(checks, ok, quiet));
  if (!ok) process.exitCode = 1;
}

function reportOf(checks: readonly Check[], ok: boolean, quiet = false): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map((check) => {
    if (quiet && check.isOk) return '';
    const { name, found, isOk, neededFor, remedy } = check;
    const line = `${markOf(check)} ${name.padEnd(width)} ${found ?? 'missing'}\n`;
    return isOk ? line : `${line}${' '.repeat(width + 6)}for ${neededFor}: ${remedy}\n`;
  });
  const end = ok ? 'Millrace works. Install only what you need.' : 'Millrace does not work: see "fail".';
  return quiet ? lines.join('') : `${lines.join('')}\n${end}\n`;
}

function markOf({ isOk, isRequired }: Check): string {
  const stream = process.stdout;
  if (isOk) return styleText('green', 'ok  ', { stream });
  return isRequired ? styleText('red', 'fail', { stream }) : styleText('yellow', '-   ', { stream });
}
