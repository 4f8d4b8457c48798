import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import process from 'node:process';
import { repeat, tap } from 'rxjs';
import { channel } from 'millrace';
import type { ReaderEvent, ReaderOptions } from './startReader.js';

/**
 * A process that reads epochs of a channel. Logs each step immediately, so that the log is complete after SIGKILL. Can
 * kill itself, or remove the FIFO, before a given step of a claim.
 */
const { baseDir, log, epochs, fault, waits, options } = JSON.parse(process.argv[2] ?? '') as ReaderOptions;

const logFile = fs.openSync(log, 'a', 0o666);
const note = (event: ReaderEvent, what: string): void => {
  fs.writeSync(logFile, `${process.pid} ${event} ${what}\n`);
};

/** The steps of a claim, found by replacing the functions of `node:fs`. */
let isFaultDue = fault !== undefined;
const steps = ['writeFileSync', 'renameSync', 'openSync', 'rmSync'] as const;
for (const step of steps) {
  const original = fs[step] as (path: string, ...rest: unknown[]) => unknown;
  const observed = (path: string, ...rest: unknown[]): unknown => {
    const name = `${step} ${basename(path)}`;
    // Reading the job's configuration is not a step of a claim.
    if (!name.endsWith('.json')) note('step', name);
    if (isFaultDue && name === fault?.before) {
      isFaultDue = false;
      if (fault.what === 'unlinked') fs.unlinkSync(path);
      else process.kill(process.pid, fault.what === 'killed' ? 'SIGKILL' : 'SIGSTOP');
    }
    return original(path, ...rest);
  };
  Object.assign(fs, { [step]: observed });
}
syncBuiltinESMExports();

process.on('warning', (warning) => note('warned', `${(warning as { code?: string }).code ?? ''} ${warning.message}`));

let isFirst = true;
let text = '';
const epoch$ = channel('train', { baseDir, ...options }).pipe(
  tap({
    subscribe: () => {
      isFirst = true;
      text = '';
    },
    next: (chunk) => {
      if (isFirst) note('began', String(chunk.byteLength));
      isFirst = false;
      if (text.length < 20) text += Buffer.from(chunk.subarray(0, 20)).toString('latin1');
    },
    complete: () => note('ended', text),
  }),
);

function read(): void {
  epoch$.pipe(repeat({ count: epochs })).subscribe({
    error: (error: unknown) => note('failed', String(error)),
    complete: () => note('done', ''),
  });
}

note('ready', '');
fs.writeSync(1, 'ready');
if (waits) process.stdin.once('data', () => process.stdin.destroy()).once('close', read);
else read();
